#include "server/suites/call_reader.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/yaml/values.h"
#include "server/suites/call_options_reader.h"

namespace perfrig::suites {
namespace {

// So that a problem within the data finds its line.
void MarkAll(const yaml::Node& node, const std::string& field,
             yaml::ProblemLog& log) {
  log.Mark(field, node);
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    MarkAll(node.items[i], yaml::Join(field, i), log);
  }
  for (const yaml::Entry& entry : node.entries) {
    MarkAll(entry.value, yaml::Join(field, entry.key.text), log);
  }
}

// One message, or a list of them.
void ReadData(const yaml::Node& node, const std::string& field,
              yaml::ProblemLog& log, v1::Call& call) {
  if (node.kind == yaml::Node::Kind::kNull) {
    log.Add(node, field, "must be a map of the message's fields, got nothing");
    return;
  }
  if (node.kind != yaml::Node::Kind::kSequence) {
    MarkAll(node, yaml::Join(field, std::size_t{0}), log);
    call.add_data(yaml::ToJson(node));
    return;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    MarkAll(node.items[i], yaml::Join(field, i), log);
    call.add_data(yaml::ToJson(node.items[i]));
  }
}

// A value as conditions write it.
std::string Literal(const yaml::Node& node) {
  if (!node.quoted && yaml::IsJsonNumber(node.text)) return node.text;
  if (const auto flag = yaml::ParseFlag(node.text); flag && !node.quoted) {
    return *flag ? "true" : "false";
  }
  std::string quoted = "\"";
  for (const char c : node.text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

// "response.source: CACHE" and the like; other keys that are left are unknown.
void ReadEqualities(yaml::Map& map, yaml::ProblemLog& log, v1::Check& check) {
  for (const yaml::Entry* entry : map.Rest()) {
    const std::string& key = entry->key.text;
    const bool is_path = key.starts_with("response.") ||
                         key.starts_with("trailer.") ||
                         key.starts_with("phase.") || key.starts_with("call.");
    if (!is_path) {
      map.Refuse(*entry);
      continue;
    }
    const yaml::Node& value = entry->value;
    if (value.kind != yaml::Node::Kind::kScalar) {
      log.Add(value, map.FieldOf(key),
              absl::StrCat("must be a text, a number, true or false, got ",
                           yaml::Shown(value)));
      continue;
    }
    log.Mark(yaml::Join(map.FieldOf("conditions"),
                        static_cast<std::size_t>(check.conditions_size())),
             value);
    check.add_conditions(absl::StrCat(key, " == ", Literal(value)));
  }
}

void ReadCheck(const yaml::Node& node, const std::string& field,
               yaml::ProblemLog& log, v1::Check& check) {
  yaml::Map map(node, field, log);
  for (std::string& status : map.Texts("status")) {
    check.add_status(std::move(status));
  }
  for (std::string& condition : map.Texts("conditions")) {
    check.add_conditions(std::move(condition));
  }
  ReadEqualities(map, log, check);
}

template <typename Entries>
void ReadPaths(yaml::Map& map, std::string_view key, yaml::ProblemLog& log,
               Entries& entries) {
  const yaml::Node* node = map.Find(key);
  if (node == nullptr) return;
  const yaml::Map paths(*node, map.FieldOf(key), log);
  for (const yaml::Entry& entry : node->entries) {
    const std::string& name = entry.key.text;
    const auto path = yaml::ReadText(entry.value, paths.FieldOf(name), log);
    if (!path) continue;
    v1::Observe& added = *entries.Add();
    added.set_name(name);
    added.set_path(*path);
  }
}

}  // namespace

v1::Call ReadCall(yaml::Map& map, yaml::ProblemLog& log) {
  v1::Call call;
  if (auto method = map.Text("call")) call.set_method(*method);
  if (const yaml::Node* data = map.Find("data")) {
    ReadData(*data, map.FieldOf("data"), log, call);
  }
  ReadMetadata(map, log, *call.mutable_metadata());
  if (auto time = map.Time("deadline")) *call.mutable_deadline() = *time;
  ReadCallOptions(map, log, call);
  if (const yaml::Node* check = map.Find("check")) {
    ReadCheck(*check, map.FieldOf("check"), log, *call.mutable_check());
  }
  ReadPaths(map, "observe", log, *call.mutable_observe());
  ReadPaths(map, "capture", log, *call.mutable_capture());
  return call;
}

}  // namespace perfrig::suites
