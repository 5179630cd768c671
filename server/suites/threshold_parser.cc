#include "server/suites/threshold_parser.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "server/suites/expression_parser.h"
#include "server/suites/lexer.h"
#include "server/suites/metric_names.h"

namespace perfrig::suites {
namespace {

// Of a window, in seconds.
constexpr double kLongestWindow = 3'600;

Comparison ToComparison(std::string_view word) {
  if (word == "<") return Comparison::kLess;
  if (word == "<=") return Comparison::kLessOrEqual;
  if (word == ">") return Comparison::kGreater;
  if (word == ">=") return Comparison::kGreaterOrEqual;
  return word == "==" ? Comparison::kEqual : Comparison::kNotEqual;
}

// As read from the other side.
Comparison Flip(Comparison comparison) {
  switch (comparison) {
    case Comparison::kLess:
      return Comparison::kGreater;
    case Comparison::kLessOrEqual:
      return Comparison::kGreaterOrEqual;
    case Comparison::kGreater:
      return Comparison::kLess;
    case Comparison::kGreaterOrEqual:
      return Comparison::kLessOrEqual;
    default:
      return comparison;
  }
}

bool HasMetric(const Expression& expression) {
  return std::any_of(
      expression.begin(), expression.end(),
      [](const Node& node) { return node.kind == Node::Kind::kMetric; });
}

// Reads metrics, which are added to `metrics`.
absl::StatusOr<ExpressionParser> MakeParser(std::string_view text,
                                            std::vector<MetricRef>& metrics) {
  ASSIGN_OR_RETURN(std::vector<Token> tokens, Tokenize(text));
  return ExpressionParser(
      std::move(tokens), "a metric",
      [&metrics](const Token& name) -> absl::StatusOr<std::size_t> {
        ASSIGN_OR_RETURN(MetricRef metric, SplitName(name.source, name.begin));
        metrics.push_back(std::move(metric));
        return metrics.size() - 1;
      });
}

// What stands after "in": "every 10s".
absl::StatusOr<Nanos> ReadWindow(ExpressionParser& parser) {
  if (!parser.Peek().Is("every")) return parser.Unexpected("every");
  parser.Take();
  const Token token = parser.Peek();
  const Quantity& quantity = token.number.quantity;
  const double seconds = token.number.value;
  if (token.kind != TokenKind::kNumber || quantity.seconds != 1 ||
      quantity.bytes != 0) {
    return parser.Unexpected("a time such as 10s");
  }
  // The generator tells what it counted once a second.
  if (seconds < 1 || seconds > kLongestWindow ||
      seconds != std::floor(seconds)) {
    return ErrorAt(token.begin,
                   absl::StrCat("a window is whole seconds, 1s to 1h, got ",
                                std::string(token.source)));
  }
  parser.Take();
  return static_cast<Nanos>(seconds) * kSecond;
}

absl::Status NoMetric() {
  return ErrorAt(0, "names no metric, for example latency.p95");
}

}  // namespace

absl::StatusOr<ParsedThreshold> ParseThreshold(std::string_view text) {
  ParsedThreshold result;
  result.text = std::string(text);
  ASSIGN_OR_RETURN(ExpressionParser parser, MakeParser(text, result.metrics));
  ASSIGN_OR_RETURN(result.left, parser.Read());
  if (parser.Peek().kind != TokenKind::kComparison) {
    return parser.Unexpected("a comparison such as < 100ms");
  }
  result.comparison = ToComparison(parser.Take().source);
  ASSIGN_OR_RETURN(result.right, parser.Read());
  if (parser.Peek().Is("in")) {
    parser.Take();
    ASSIGN_OR_RETURN(result.window, ReadWindow(parser));
  }
  if (parser.Peek().kind == TokenKind::kComparison) {
    return ErrorAt(parser.Peek().begin,
                   "one comparison only; write several lines instead");
  }
  if (parser.Peek().kind != TokenKind::kEnd) {
    return parser.Unexpected("the end");
  }
  if (result.metrics.empty()) return NoMetric();
  if (!HasMetric(result.left)) {
    std::swap(result.left, result.right);
    result.comparison = Flip(result.comparison);
  }
  return result;
}

absl::StatusOr<ParsedFigure> ParseFigure(std::string_view text) {
  ParsedFigure result;
  result.text = std::string(text);
  ASSIGN_OR_RETURN(ExpressionParser parser, MakeParser(text, result.metrics));
  ASSIGN_OR_RETURN(result.value, parser.Read());
  if (parser.Peek().kind == TokenKind::kComparison) {
    return ErrorAt(parser.Peek().begin,
                   "compares nothing; put what must hold into expect");
  }
  if (parser.Peek().kind != TokenKind::kEnd) {
    return parser.Unexpected("the end");
  }
  if (result.metrics.empty()) return NoMetric();
  return result;
}

}  // namespace perfrig::suites
