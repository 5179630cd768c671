// Reads `target:` of a suite or a test.
#ifndef PERFRIG_SERVER_SUITES_TARGET_READER_H_
#define PERFRIG_SERVER_SUITES_TARGET_READER_H_

#include <string>

#include "common/yaml/map.h"
#include "common/yaml/problem_log.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace perfrig::suites {

// One target or a list of them; `{spawn: 4}` stands for spawn four times.
void ReadTargets(yaml::Map& map, yaml::ProblemLog& log,
                 google::protobuf::RepeatedPtrField<std::string>& targets);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_TARGET_READER_H_
