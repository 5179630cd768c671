// What a suite would do.
#ifndef PERFRIG_CLIENT_VIEWS_SUITE_TEXT_H_
#define PERFRIG_CLIENT_VIEWS_SUITE_TEXT_H_

#include <string>

#include "client/terminal/style.h"
#include "perfrig/v1/suite.pb.h"

namespace perfrig {

// "200/s for 10 s", "5 users, 1,000 iterations", "0 → 100/s in 10 s, …".
[[nodiscard]] std::string LoadText(const v1::Load& load, Style style);

// Title, tests, calls, loads and thresholds of one suite.
[[nodiscard]] std::string RenderSuite(const v1::Suite& suite, Style style,
                                      int columns);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_VIEWS_SUITE_TEXT_H_
