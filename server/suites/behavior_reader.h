// Reads `behavior:` of an action: what mock targets shall do.
#ifndef PERFRIG_SERVER_SUITES_BEHAVIOR_READER_H_
#define PERFRIG_SERVER_SUITES_BEHAVIOR_READER_H_

#include <string>

#include "perfrig/v1/suite.pb.h"
#include "server/suites/problem_log.h"
#include "server/suites/yaml_tree.h"

namespace perfrig::suites {

// Changes the fields that are given and leaves the others as they are.
v1::BehaviorChange ReadBehaviorChange(const std::string& target,
                                      const YamlNode& node,
                                      const std::string& field,
                                      ProblemLog& log);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_BEHAVIOR_READER_H_
