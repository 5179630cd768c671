// Arithmetic over metrics: one side of a threshold.
#ifndef PERFRIG_SERVER_SUITES_EXPRESSION_H_
#define PERFRIG_SERVER_SUITES_EXPRESSION_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/suites/quantity.h"

namespace perfrig::suites {

struct Node {
  enum class Kind {
    kNumber,
    kMetric,
    kNegate,
    kAbs,
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kMin,
    kMax,
  };

  Kind kind = Kind::kNumber;
  Number number;           // kNumber
  std::size_t metric = 0;  // kMetric: its index
  // Earlier nodes of the same expression. One operand: left.
  std::size_t left = 0;
  std::size_t right = 0;
  // Place in the text, 0-based, end excluded.
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Nodes after their operands; the last one is the whole.
using Expression = std::vector<Node>;

// Value of the expression with these values of the metrics; NaN where it has
// none: a divisor is 0, or a metric it needs is NaN.
double Evaluate(const Expression& expression,
                const std::vector<double>& metrics);

// What the expression measures; INVALID_ARGUMENT where units do not fit. `text`
// is the threshold, for messages.
absl::StatusOr<Quantity> Measure(const Expression& expression,
                                 const std::vector<Quantity>& metrics,
                                 std::string_view text);

// INVALID_ARGUMENT "column N: a is a time, b is a share" unless two operands
// fit each other.
absl::Status CheckFit(const Quantity& left, const Node& left_node,
                      const Quantity& right, const Node& right_node,
                      std::string_view text);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_EXPRESSION_H_
