// Text of a threshold to its two expressions, and of a figure to its one. The
// grammar stands in docs/suites-thresholds.md.
#ifndef PERFRIG_SERVER_SUITES_THRESHOLD_PARSER_H_
#define PERFRIG_SERVER_SUITES_THRESHOLD_PARSER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "server/suites/expression.h"
#include "server/suites/threshold.h"

namespace perfrig::suites {

enum class Comparison {
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kEqual,
  kNotEqual,
};

struct ParsedThreshold {
  std::string text;
  // Has the figures where only one side has any.
  Expression left;
  Comparison comparison = Comparison::kLess;
  Expression right;
  // Of the windows that must each hold; 0: none.
  Nanos window = 0;
  // What kMetric nodes of both sides refer to, in the order of the text.
  std::vector<MetricRef> metrics;
};

// What is shown and not compared: one side of a threshold.
struct ParsedFigure {
  std::string text;
  Expression value;
  // As above.
  std::vector<MetricRef> metrics;
};

absl::StatusOr<ParsedThreshold> ParseThreshold(std::string_view text);
absl::StatusOr<ParsedFigure> ParseFigure(std::string_view text);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_THRESHOLD_PARSER_H_
