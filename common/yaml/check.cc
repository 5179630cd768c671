#include "common/yaml/check.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/strings/utf8.h"
#include "common/yaml/map.h"
#include "common/yaml/repeated_keys.h"
#include "common/yaml/values.h"

namespace perfrig::yaml {
namespace {

constexpr std::size_t kLongestKey = 256;
// Of all values together.
constexpr std::size_t kMostExpandedBytes = 4 * kMostBytes;

bool IsName(std::string_view text) {
  const auto fits = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_';
  };
  return !text.empty() &&
         std::isdigit(static_cast<unsigned char>(text[0])) == 0 &&
         std::all_of(text.begin(), text.end(), fits);
}

// The value of what stands between "${" and "}".
absl::StatusOr<std::string> ValueOf(std::string_view inside,
                                    const Variables& variables) {
  const std::size_t mark = inside.find(":-");
  const std::string name(inside.substr(0, mark));
  if (!IsName(name)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"${", std::string(inside),
                     "}\" must be ${NAME} or ${NAME:-default}; for a plain "
                     "\"${\" write \"$${\""));
  }
  const auto found = variables.find(name);
  const bool has_default = mark != std::string_view::npos;
  if (found == variables.end() || (found->second.empty() && has_default)) {
    if (has_default) return std::string(inside.substr(mark + 2));
    return absl::InvalidArgumentError(absl::StrCat(
        "${", name, "} is not set; set it, or write ${", name, ":-default}"));
  }
  if (!IsValidUtf8(found->second)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the value of ${", name, "} is not UTF-8"));
  }
  return found->second;
}

class Preparer {
 public:
  Preparer(const Variables& variables, std::string_view repeating,
           ProblemLog& log)
      : variables_(variables), repeating_(repeating), log_(log) {}

  void Prepare(Node& node, const std::string& field) {
    if (node.kind == Node::Kind::kScalar) Expand(node, field);
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      Prepare(node.items[i], Join(field, i));
    }
    if (node.kind == Node::Kind::kMap) PrepareMap(node, field);
  }

 private:
  void PrepareMap(Node& node, const std::string& field) {
    if (IsBraces(node)) {
      log_.Add(node, field,
               "{{ begins a map in YAML: quote it, as in \"{{seq}}\"");
      node = Unreadable(node);
      return;
    }
    std::map<std::string, Place> seen;
    std::vector<Entry> kept;
    RepeatedKeys repeated(field);
    for (Entry& entry : node.entries) {
      if (!IsKey(entry.key, field)) continue;
      if (!repeating_.empty() && field == repeating_) {
        // The second one is read, too: its mistakes shall be told.
        Prepare(entry.value, repeated.Next(entry.key.text));
        kept.push_back(std::move(entry));
        continue;
      }
      const std::string key = Join(field, entry.key.text);
      const auto [first, is_new] =
          seen.emplace(entry.key.text, entry.key.place);
      if (!is_new) {
        log_.AddBeside(
            entry.key, key,
            absl::StrCat("is there twice, first in line ", first->second.line));
        continue;
      }
      Prepare(entry.value, key);
      kept.push_back(std::move(entry));
    }
    node.entries = std::move(kept);
  }

  bool IsKey(const Node& key, const std::string& field) {
    if (key.kind == Node::Kind::kScalar && key.text.size() <= kLongestKey) {
      return true;
    }
    log_.Add(key, field,
             absl::StrCat("keys must be names of at most ", kLongestKey,
                          " bytes, got ", Shown(key)));
    return false;
  }

  // "{{seq}}" without quotes: a map whose only key is a map.
  static bool IsBraces(const Node& node) {
    return node.entries.size() == 1 &&
           node.entries[0].key.kind == Node::Kind::kMap &&
           node.entries[0].value.kind == Node::Kind::kNull;
  }

  // What stands for a value that has been complained about.
  static Node Unreadable(const Node& node) {
    Node text;
    text.kind = Node::Kind::kScalar;
    text.place = node.place;
    text.quoted = true;
    return text;
  }

  void Expand(Node& node, const std::string& field) {
    if (node.text.find("${") == std::string::npos) return;
    auto expanded = ExpandVariables(node.text, variables_);
    if (!expanded.ok()) {
      log_.Add(node, field, std::string(expanded.status().message()));
      return;
    }
    expanded_bytes_ += expanded->size();
    if (expanded_bytes_ > kMostExpandedBytes) {
      log_.Add(node, field, "grows beyond 4 MB with its variables in place");
      return;
    }
    node.text = *std::move(expanded);
  }

  const Variables& variables_;
  const std::string_view repeating_;
  ProblemLog& log_;
  std::size_t expanded_bytes_ = 0;
};

}  // namespace

void Prepare(Node& root, const Variables& variables, std::string_view repeating,
             ProblemLog& log) {
  Preparer(variables, repeating, log).Prepare(root, "");
}

absl::StatusOr<std::string> ExpandVariables(std::string_view text,
                                            const Variables& variables) {
  std::string expanded;
  while (true) {
    const std::size_t at = text.find("${");
    if (at == std::string_view::npos) return expanded.append(text);
    if (at > 0 && text[at - 1] == '$') {
      expanded.append(text.substr(0, at - 1)).append("${");
      text.remove_prefix(at + 2);
      continue;
    }
    expanded.append(text.substr(0, at));
    text.remove_prefix(at + 2);
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos) {
      return absl::InvalidArgumentError(
          "\"${\" has no \"}\"; for a plain \"${\" write \"$${\"");
    }
    ASSIGN_OR_RETURN(std::string value,
                     ValueOf(text.substr(0, end), variables));
    expanded += value;
    text.remove_prefix(end + 1);
  }
}

}  // namespace perfrig::yaml
