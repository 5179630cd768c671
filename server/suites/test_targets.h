// Where the calls of a test go.
#ifndef PERFRIG_SERVER_SUITES_TEST_TARGETS_H_
#define PERFRIG_SERVER_SUITES_TEST_TARGETS_H_

#include <string>
#include <string_view>
#include <vector>

#include "perfrig/v1/suite.pb.h"

namespace perfrig::suites {

// The mock targets of the daemon itself.
inline constexpr std::string_view kSelf = "self";
// A fresh process that hosts nothing but mock targets.
inline constexpr std::string_view kSpawn = "spawn";

// The test's own targets, else its suite's, else the daemon's.
std::vector<std::string> TargetsOf(const v1::Suite& suite,
                                   const v1::Test& test);

// Of this daemon, or of processes that it spawns: what they serve is known,
// and so are their processes.
bool IsOwn(std::string_view target);
bool AreOwn(const std::vector<std::string>& targets);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_TEST_TARGETS_H_
