// The table of a suite's tests: one row a test, and one a step or round;
// of many rounds their spread.
#ifndef PERFRIG_CLIENT_VIEWS_TEST_TABLE_H_
#define PERFRIG_CLIENT_VIEWS_TEST_TABLE_H_

#include <string>

#include "client/terminal/style.h"
#include "perfrig/v1/figures.pb.h"
#include "perfrig/v1/run.pb.h"

namespace perfrig {

// Where the whole table is wider than `columns` (0: no limit), max is left
// out, then p95, then the rate; then names are cut.
[[nodiscard]] std::string RenderTestTable(const v1::SuiteResult& suite,
                                          Style style, int columns);

// `nanos` of `distribution` for people; "-" where it has no samples.
[[nodiscard]] std::string Sample(const v1::Distribution& distribution,
                                 double nanos, Style style);

// Calls that did not succeed for any reason, and their share of the planned.
[[nodiscard]] std::string ErrorsText(const v1::Figures& figures);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_VIEWS_TEST_TABLE_H_
