// A prepared YAML tree to a Suite.
#ifndef PERFRIG_SERVER_SUITES_SUITE_READER_H_
#define PERFRIG_SERVER_SUITES_SUITE_READER_H_

#include "common/yaml/problem_log.h"
#include "common/yaml/tree.h"
#include "perfrig/v1/suite.pb.h"

namespace perfrig::suites {

// What does not fit is a problem and is left out; ranges are not checked.
// Marks every field.
v1::Suite ReadSuiteTree(const yaml::Node& root, yaml::ProblemLog& log);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_SUITE_READER_H_
