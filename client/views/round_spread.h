// What many rounds have in common: each figure's minimum, median and maximum.
#ifndef PERFRIG_CLIENT_VIEWS_ROUND_SPREAD_H_
#define PERFRIG_CLIENT_VIEWS_ROUND_SPREAD_H_

#include <string>
#include <vector>

#include "client/terminal/style.h"
#include "perfrig/v1/run.pb.h"

namespace perfrig {

// Three rows for the table of tests: a title, no verdict and the cells of its
// columns from "calls" to "errors". Each figure is ranked by itself; rounds
// without it are left out.
[[nodiscard]] std::vector<std::vector<std::string>> RoundSpread(
    const v1::TestResult& result, Style style);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_VIEWS_ROUND_SPREAD_H_
