// A prepared YAML tree to a Suite.
#ifndef PERFRIG_SERVER_SUITES_SUITE_READER_H_
#define PERFRIG_SERVER_SUITES_SUITE_READER_H_

#include "perfrig/v1/suite.pb.h"
#include "server/suites/problem_log.h"
#include "server/suites/yaml_tree.h"

namespace perfrig::suites {

// What does not fit is a problem and is left out; ranges are not checked.
// Marks every field.
v1::Suite ReadSuiteTree(const YamlNode& root, ProblemLog& log);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_SUITE_READER_H_
