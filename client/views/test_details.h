// What stands below the table for one test: thresholds, reasons, failed
// calls, the rig's own figures.
#ifndef PERFRIG_CLIENT_VIEWS_TEST_DETAILS_H_
#define PERFRIG_CLIENT_VIEWS_TEST_DETAILS_H_

#include <string>
#include <vector>

#include "client/terminal/style.h"
#include "perfrig/v1/run.pb.h"

namespace perfrig {

// Lines without indentation of their own beyond the test's name; the first is
// the test's name.
[[nodiscard]] std::vector<std::string> TestDetails(const v1::TestResult& result,
                                                   Style style);

// The rig's own error in one line; empty where nothing was measured.
[[nodiscard]] std::string RigLine(const v1::TestResult& result, Style style);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_VIEWS_TEST_DETAILS_H_
