// Reads `load:` of a test.
#ifndef PERFRIG_SERVER_SUITES_LOAD_READER_H_
#define PERFRIG_SERVER_SUITES_LOAD_READER_H_

#include <string>

#include "common/yaml/problem_log.h"
#include "common/yaml/tree.h"
#include "perfrig/v1/suite.pb.h"

namespace perfrig::suites {

// `field` is the path of the load, for problems.
v1::Load ReadLoad(const yaml::Node& node, const std::string& field,
                  yaml::ProblemLog& log);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_LOAD_READER_H_
