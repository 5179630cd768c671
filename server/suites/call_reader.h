// Reads one call: of a test, of a step, before or after a round.
#ifndef PERFRIG_SERVER_SUITES_CALL_READER_H_
#define PERFRIG_SERVER_SUITES_CALL_READER_H_

#include <string>

#include "perfrig/v1/suite.pb.h"
#include "server/suites/problem_log.h"
#include "server/suites/yaml_map.h"
#include "server/suites/yaml_tree.h"

namespace perfrig::suites {

// Takes the keys of a call out of `map`, which may have others.
v1::Call ReadCall(YamlMap& map, ProblemLog& log);

// Reads `name: value` pairs.
template <typename Entries>
void ReadMetadata(YamlMap& map, ProblemLog& log, Entries& entries) {
  const YamlNode* node = map.Find("metadata");
  if (node == nullptr) return;
  const YamlMap pairs(*node, map.FieldOf("metadata"), log);
  for (const YamlEntry& entry : node->entries) {
    const std::string& name = entry.key.text;
    const auto value = ReadText(entry.value, pairs.FieldOf(name), log);
    if (!value) continue;
    auto& added = *entries.Add();
    added.set_name(name);
    added.set_value(*value);
  }
}

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_CALL_READER_H_
