// Which tests of a run are SKIPPED, and why. Pure.
#ifndef PERFRIG_SERVER_RUNS_SKIPPED_TESTS_H_
#define PERFRIG_SERVER_RUNS_SKIPPED_TESTS_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "perfrig/v1/suite.pb.h"
#include "server/runs/selection.h"

namespace perfrig::runs {

// Names of suite and test.
using TestKey = std::pair<std::string, std::string>;

// Tests whose figures `test` shows or its thresholds name, but for itself.
std::vector<TestKey> OthersOf(const v1::Suite& suite, const v1::Test& test);

// Why something that a test needs ("redis", "profile") is not there; empty
// where it is.
using WhyLacking = std::function<std::string(std::string_view need)>;

// The tests that need what is not there, and those whose thresholds name such a
// test, each with its reason.
std::map<TestKey, std::string> SkippedTests(
    const std::vector<SelectedSuite>& selected, const WhyLacking& lacking);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_SKIPPED_TESTS_H_
