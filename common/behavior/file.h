// Behavior of mock targets as a YAML file has it, with the keys that suites
// have under `behavior:`. Of one target:
//
//   delay: {lognormal: {median: 20ms, sigma: 0.5}}
//   capacity: 5
//
// or of several, each under its name:
//
//   database: {capacity: 5, replicas: 2}
//   object_store: {bytes_per_second: 10MB}
#ifndef PERFRIG_COMMON_BEHAVIOR_FILE_H_
#define PERFRIG_COMMON_BEHAVIOR_FILE_H_

#include <string>
#include <string_view>
#include <vector>

#include "common/yaml/check.h"
#include "perfrig/v1/suite.pb.h"

namespace perfrig {

struct BehaviorText {
  // As problems shall name it.
  std::string file;
  std::string text;
  // For `${NAME}`.
  yaml::Variables variables = {};
};

struct BehaviorFile {
  // In the order of the file; they hold only where there is no problem.
  std::vector<v1::BehaviorChange> changes;
  // All that is wrong, in the order of the file; ranges are checked, too.
  std::vector<v1::Problem> problems;
};

// Of the target of that name ("database").
BehaviorFile ReadBehavior(const BehaviorText& text, const std::string& target);
// Of several; one that is not among `targets` is a problem.
BehaviorFile ReadBehaviors(const BehaviorText& text,
                           const std::vector<std::string>& targets);

}  // namespace perfrig

#endif  // PERFRIG_COMMON_BEHAVIOR_FILE_H_
