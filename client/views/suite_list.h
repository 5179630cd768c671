// The suites that there are, and their tests, one a line.
#ifndef PERFRIG_CLIENT_VIEWS_SUITE_LIST_H_
#define PERFRIG_CLIENT_VIEWS_SUITE_LIST_H_

#include <string>
#include <vector>

#include "client/terminal/style.h"
#include "perfrig/v1/suite.pb.h"

namespace perfrig {

// One row a suite: how many tests, how long they are expected to take, what
// they need, tags, title.
[[nodiscard]] std::string RenderSuiteList(const v1::ListSuitesResponse& list,
                                          Style style, int columns);

// One row a test, with the first sentence of what it says of itself.
[[nodiscard]] std::string RenderTestList(const v1::ListSuitesResponse& list,
                                         Style style, int columns);

// What the test needs, its suite's needs first, each once.
[[nodiscard]] std::vector<std::string> NeedsOf(const v1::Suite& suite,
                                               const v1::Test& test);

// Up to the first full stop that ends a sentence, on one line.
[[nodiscard]] std::string FirstSentence(const std::string& doc);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_VIEWS_SUITE_LIST_H_
