// Reads what a mock target shall do, as suites and behavior files have it.
#ifndef PERFRIG_COMMON_BEHAVIOR_READER_H_
#define PERFRIG_COMMON_BEHAVIOR_READER_H_

#include <string>

#include "common/yaml/problem_log.h"
#include "common/yaml/tree.h"
#include "perfrig/v1/suite.pb.h"

namespace perfrig {

// Changes the fields that are given and leaves the others as they are.
v1::BehaviorChange ReadBehaviorChange(const std::string& target,
                                      const yaml::Node& node,
                                      const std::string& field,
                                      yaml::ProblemLog& log);

}  // namespace perfrig

#endif  // PERFRIG_COMMON_BEHAVIOR_READER_H_
