// Reads how a call is made: retries, compression, messages, read delay.
#ifndef PERFRIG_SERVER_SUITES_CALL_OPTIONS_READER_H_
#define PERFRIG_SERVER_SUITES_CALL_OPTIONS_READER_H_

#include "common/yaml/map.h"
#include "common/yaml/problem_log.h"
#include "perfrig/v1/suite.pb.h"

namespace perfrig::suites {

// Takes the keys out of a call's `map`, which may have others.
void ReadCallOptions(yaml::Map& map, yaml::ProblemLog& log, v1::Call& call);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_CALL_OPTIONS_READER_H_
