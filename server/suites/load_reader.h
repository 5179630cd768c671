// Reads `load:` of a test.
#ifndef PERFRIG_SERVER_SUITES_LOAD_READER_H_
#define PERFRIG_SERVER_SUITES_LOAD_READER_H_

#include <string>

#include "perfrig/v1/suite.pb.h"
#include "server/suites/problem_log.h"
#include "server/suites/yaml_tree.h"

namespace perfrig::suites {

// `field` is the path of the load, for problems.
v1::Load ReadLoad(const YamlNode& node, const std::string& field,
                  ProblemLog& log);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_LOAD_READER_H_
