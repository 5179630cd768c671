#include "common/yaml/map.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/checks/ranges.h"
#include "common/strings/nearest.h"
#include "common/yaml/values.h"

namespace perfrig::yaml {
Map::Map(const Node& node, std::string field, ProblemLog& log)
    : node_(node), field_(std::move(field)), log_(log) {
  log_.Mark(field_, node_);
  if (node_.kind != Node::Kind::kMap) {
    log_.Add(node_, field_,
             absl::StrCat("must be a map (key: value), got ", Shown(node_)));
  }
}

const Node* Map::Find(std::string_view key) {
  asked_.emplace_back(key);
  for (const Entry& entry : node_.entries) {
    if (entry.key.text != key) continue;
    log_.Mark(FieldOf(key), entry.value);
    return &entry.value;
  }
  return nullptr;
}

std::string Map::FieldOf(std::string_view key) const {
  return Join(field_, key);
}

std::optional<std::string> Map::Text(std::string_view key) {
  const Node* node = Find(key);
  return node == nullptr ? std::nullopt : ReadText(*node, FieldOf(key), log_);
}

std::vector<std::string> Map::Texts(std::string_view key) {
  const Node* node = Find(key);
  if (node == nullptr) return {};
  return ReadTexts(*node, FieldOf(key), log_);
}

std::optional<google::protobuf::Duration> Map::Time(std::string_view key) {
  return Read(key, "a time such as 10s, 1m30s or 500us", &ParseTime);
}

std::optional<std::uint64_t> Map::Count(std::string_view key,
                                        std::uint64_t least,
                                        std::uint64_t most) {
  const Node* node = Find(key);
  if (node == nullptr) return std::nullopt;
  const auto number = ParseNumberText(node->text);
  std::uint64_t count = 0;
  if (node->kind == Node::Kind::kScalar &&
      absl::SimpleAtoi(node->text, &count) && count >= least && count <= most) {
    return count;
  }
  if (node->kind != Node::Kind::kScalar || !number) {
    log_.Add(*node, FieldOf(key),
             absl::StrCat("must be a whole number, got ", Shown(*node)));
  } else if (most == UINT64_MAX) {
    log_.Add(*node, FieldOf(key),
             absl::StrCat("must be a whole number, ", least, " or more, got ",
                          node->text));
  } else {
    // What is in range is only written wrong: 1e3, 5.0.
    const bool fits = *number >= static_cast<double>(least) &&
                      *number <= static_cast<double>(most);
    log_.Add(*node, FieldOf(key),
             absl::StrCat("must be a whole number, ", least, " to ",
                          NumberText(static_cast<double>(most)), ", got ",
                          fits ? node->text : NumberText(*number)));
  }
  return std::nullopt;
}

std::optional<double> Map::Number(std::string_view key) {
  return Read(key, "a number", &ParseNumberText);
}

std::optional<double> Map::Number(
    std::string_view key, std::optional<double> (*parse)(std::string_view text),
    std::string_view what) {
  return Read(key, what, parse);
}

std::optional<double> Map::Rate(std::string_view key) {
  auto rate = Read(key, "a rate such as 500/s", &ParseRate);
  // 0 would read as absent.
  if (rate == 0) {
    log_.Add(FieldOf(key), "must be > 0 and <= 1,000,000, got 0");
    return std::nullopt;
  }
  return rate;
}

std::optional<double> Map::Size(std::string_view key) {
  return Read(key, "a size such as 10KB", &ParseSize);
}

std::optional<double> Map::Share(std::string_view key) {
  return Read(key, "a share such as 1% or 0.01", &ParseShare);
}

std::optional<bool> Map::Flag(std::string_view key) {
  return Read(key, "true or false", &ParseFlag);
}

std::vector<const Entry*> Map::Rest() const {
  std::vector<const Entry*> rest;
  for (const Entry& entry : node_.entries) {
    if (std::find(asked_.begin(), asked_.end(), entry.key.text) ==
        asked_.end()) {
      rest.push_back(&entry);
    }
  }
  return rest;
}

void Map::Refuse(const Entry& entry) {
  const std::string& key = entry.key.text;
  log_.Add(entry.key, FieldOf(key),
           absl::StrCat("unknown key", DidYouMean(key, asked_)));
}

void Map::Finish() {
  for (const Entry* entry : Rest()) Refuse(*entry);
}

template <typename Value>
std::optional<Value> Map::Read(
    std::string_view key, std::string_view what,
    std::optional<Value> (*parse)(std::string_view text)) {
  const Node* node = Find(key);
  if (node == nullptr) return std::nullopt;
  std::optional<Value> value;
  if (node->kind == Node::Kind::kScalar) value = parse(node->text);
  if (!value) {
    log_.Add(
        *node, FieldOf(key),
        absl::StrCat("must be ", std::string(what), ", got ", Shown(*node)));
  }
  return value;
}

std::optional<std::string> ReadText(const Node& node, const std::string& field,
                                    ProblemLog& log) {
  log.Mark(field, node);
  if (node.kind == Node::Kind::kScalar) return node.text;
  log.Add(node, field, absl::StrCat("must be a text, got ", Shown(node)));
  return std::nullopt;
}

std::vector<std::string> ReadTexts(const Node& node, const std::string& field,
                                   ProblemLog& log) {
  std::vector<std::string> texts;
  if (node.kind == Node::Kind::kScalar) {
    log.Mark(field, node);
    log.Mark(Join(field, std::size_t{0}), node);
    return {node.text};
  }
  if (node.kind != Node::Kind::kSequence) {
    log.Add(
        node, field,
        absl::StrCat("must be a text or a list of texts, got ", Shown(node)));
    return {};
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    auto text = ReadText(node.items[i], Join(field, i), log);
    if (!text) continue;
    log.Mark(Join(field, texts.size()), node.items[i]);
    texts.push_back(*std::move(text));
  }
  return texts;
}

std::string Join(std::string_view field, std::string_view key) {
  if (field.empty()) return std::string(key);
  return absl::StrCat(std::string(field), ".", std::string(key));
}

std::string Join(std::string_view field, std::size_t i) {
  return absl::StrCat(std::string(field), "[", i, "]");
}

}  // namespace perfrig::yaml
