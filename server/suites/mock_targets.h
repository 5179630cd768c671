// The targets that every daemon hosts.
#ifndef PERFRIG_SERVER_SUITES_MOCK_TARGETS_H_
#define PERFRIG_SERVER_SUITES_MOCK_TARGETS_H_

#include <string>
#include <vector>

#include "perfrig/v1/suite.pb.h"

namespace perfrig::suites {

// "echo", "database", …, without "targets/".
const std::vector<std::string>& MockTargets();

// True where the test calls nothing but such targets.
bool CallsMockTargets(const v1::Suite& suite, const v1::Test& test);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_MOCK_TARGETS_H_
