// Reads one call: of a test, of a step, before or after a round.
#ifndef PERFRIG_SERVER_SUITES_CALL_READER_H_
#define PERFRIG_SERVER_SUITES_CALL_READER_H_

#include <string>

#include "common/yaml/map.h"
#include "common/yaml/problem_log.h"
#include "common/yaml/tree.h"
#include "perfrig/v1/suite.pb.h"

namespace perfrig::suites {

// Takes the keys of a call out of `map`, which may have others.
v1::Call ReadCall(yaml::Map& map, yaml::ProblemLog& log);

// Reads `name: value` pairs.
template <typename Entries>
void ReadMetadata(yaml::Map& map, yaml::ProblemLog& log, Entries& entries) {
  const yaml::Node* node = map.Find("metadata");
  if (node == nullptr) return;
  const yaml::Map pairs(*node, map.FieldOf("metadata"), log);
  for (const yaml::Entry& entry : node->entries) {
    const std::string& name = entry.key.text;
    const auto value = yaml::ReadText(entry.value, pairs.FieldOf(name), log);
    if (!value) continue;
    auto& added = *entries.Add();
    added.set_name(name);
    added.set_value(*value);
  }
}

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_CALL_READER_H_
