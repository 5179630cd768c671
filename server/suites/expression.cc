#include "server/suites/expression.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "server/suites/lexer.h"

namespace perfrig::suites {
namespace {

using Kind = Node::Kind;

double Apply(Kind kind, double left, double right) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  // min and max would swallow what was not measured.
  if (std::isnan(left) || std::isnan(right)) return kNone;
  switch (kind) {
    case Kind::kNegate:
      return -left;
    case Kind::kAbs:
      return std::abs(left);
    case Kind::kAdd:
      return left + right;
    case Kind::kSubtract:
      return left - right;
    case Kind::kMultiply:
      return left * right;
    case Kind::kDivide:
      return right == 0 ? kNone : left / right;
    case Kind::kMin:
      return std::min(left, right);
    case Kind::kMax:
      return std::max(left, right);
    case Kind::kNumber:
    case Kind::kMetric:
      break;
  }
  std::abort();
}

// How the right side could fit.
std::string_view Example(const Quantity& quantity) {
  switch (UnitOf(quantity)) {
    case Unit::kSeconds:
      return "; write a time such as 100ms";
    case Unit::kBytes:
      return "; write a size such as 10MB";
    case Unit::kPerSecond:
      return "; write a rate such as 500/s";
    case Unit::kBytesPerSecond:
      return "; write a rate such as 10MB/s";
    case Unit::kNone:
      break;
  }
  return "";
}

bool IsPlain(const Quantity& quantity) {
  return quantity.flavor == Flavor::kPlain;
}
bool IsTime(const Quantity& quantity) {
  return UnitOf(quantity) == Unit::kSeconds;
}

std::string Advice(const Quantity& left, const Quantity& right) {
  if ((IsPlain(left) && IsTime(right)) || (IsTime(left) && IsPlain(right))) {
    return absl::StrCat(std::string(Example(left)),
                        "; a number of milliseconds becomes one by * 1ms");
  }
  return std::string(Example(left));
}

std::string Part(const Node& node, std::string_view text) {
  return std::string(text.substr(node.begin, node.end - node.begin));
}

// The unit of a node whose operands' units are known.
Quantity Combine(Kind kind, const Quantity& left, const Quantity& right) {
  switch (kind) {
    case Kind::kMultiply:
      return Product(left, right);
    case Kind::kDivide:
      return Quotient(left, right);
    case Kind::kNegate:
    case Kind::kAbs:
      return left;
    default:
      return Sum(left, right);
  }
}

bool NeedsFit(Kind kind) {
  return kind == Kind::kAdd || kind == Kind::kSubtract || kind == Kind::kMin ||
         kind == Kind::kMax;
}

}  // namespace

double Evaluate(const Expression& expression,
                const std::vector<double>& metrics) {
  std::vector<double> values(expression.size());
  for (std::size_t i = 0; i < expression.size(); ++i) {
    const Node& node = expression[i];
    if (node.kind == Kind::kNumber) {
      values[i] = node.number.value;
    } else if (node.kind == Kind::kMetric) {
      values[i] = metrics[node.metric];
    } else {
      values[i] = Apply(node.kind, values[node.left], values[node.right]);
    }
  }
  return values.back();
}

absl::StatusOr<Quantity> Measure(const Expression& expression,
                                 const std::vector<Quantity>& metrics,
                                 std::string_view text) {
  std::vector<Quantity> quantities(expression.size());
  for (std::size_t i = 0; i < expression.size(); ++i) {
    const Node& node = expression[i];
    if (node.kind == Kind::kNumber) {
      quantities[i] = node.number.quantity;
      continue;
    }
    if (node.kind == Kind::kMetric) {
      quantities[i] = metrics[node.metric];
      continue;
    }
    const Quantity& left = quantities[node.left];
    const Quantity& right = quantities[node.right];
    if (NeedsFit(node.kind)) {
      RETURN_IF_ERROR(CheckFit(left, expression[node.left], right,
                               expression[node.right], text));
    }
    quantities[i] = Combine(node.kind, left, right);
  }
  return quantities.back();
}

absl::Status CheckFit(const Quantity& left, const Node& left_node,
                      const Quantity& right, const Node& right_node,
                      std::string_view text) {
  if (Fits(left, right)) return absl::OkStatus();
  return ErrorAt(
      right_node.begin,
      absl::StrCat(Part(left_node, text), " is ", std::string(Describe(left)),
                   ", ", Part(right_node, text), " is ",
                   std::string(Describe(right)), Advice(left, right)));
}

}  // namespace perfrig::suites
