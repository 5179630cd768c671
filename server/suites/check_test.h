// Whether a test of a suite can be run and judged.
#ifndef PERFRIG_SERVER_SUITES_CHECK_TEST_H_
#define PERFRIG_SERVER_SUITES_CHECK_TEST_H_

#include <string>
#include <vector>

#include "common/strings/field_problem.h"
#include "perfrig/v1/suite.pb.h"
#include "server/suites/check_call.h"
#include "server/suites/threshold.h"

namespace perfrig::suites {

// Adds what is wrong with the test at the path `field`. `scope` is what
// holds for all calls; without `others`, what thresholds name of other suites
// passes.
void CheckTest(const v1::Suite& suite, const v1::Test& test,
               const CallScope& scope, const FindSuite& others,
               const std::string& field, std::vector<FieldProblem>& problems);

// Adds what is wrong with `target` and `needs` of a test or of a suite; `field`
// is empty, or the test's path and a dot.
template <typename Message>
void CheckTargets(const Message& message, const std::string& field,
                  std::vector<FieldProblem>& problems);

// Adds what is wrong with warm-up, rounds and time limit, of a test or of the
// defaults.
template <typename Message>
void CheckTimes(const Message& message, const std::string& field,
                std::vector<FieldProblem>& problems);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_CHECK_TEST_H_
