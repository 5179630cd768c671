#include "server/suites/threshold_parser.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/strings/nearest.h"
#include "server/suites/lexer.h"
#include "server/suites/metric_names.h"

namespace perfrig::suites {
namespace {

using Kind = Node::Kind;

// Parentheses, functions and signs within each other.
constexpr int kDeepest = 50;

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
      [](const Node& node) { return node.kind == Kind::kMetric; });
}

class Parser {
 public:
  Parser(std::vector<Token> tokens, ParsedThreshold& result)
      : tokens_(std::move(tokens)), result_(result) {}

  absl::Status Run() {
    RETURN_IF_ERROR(Side(result_.left));
    if (Peek().kind != TokenKind::kComparison) {
      return Unexpected("a comparison such as < 100ms");
    }
    result_.comparison = ToComparison(Take().source);
    RETURN_IF_ERROR(Side(result_.right));
    if (Peek().kind == TokenKind::kComparison) {
      return ErrorAt(Peek().begin,
                     "one comparison only; write several lines instead");
    }
    if (Peek().kind != TokenKind::kEnd) return Unexpected("the end");
    if (result_.metrics.empty()) {
      return ErrorAt(0, "names no metric, for example latency.p95");
    }
    if (!HasMetric(result_.left)) {
      std::swap(result_.left, result_.right);
      result_.comparison = Flip(result_.comparison);
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Side(Expression& expression) {
    nodes_ = &expression;
    return Sum().status();
  }

  // sum = product { ("+" | "-") product }
  absl::StatusOr<std::size_t> Sum() {
    ASSIGN_OR_RETURN(std::size_t left, Product());
    while (Peek().Is("+") || Peek().Is("-")) {
      const Kind kind = Take().Is("+") ? Kind::kAdd : Kind::kSubtract;
      ASSIGN_OR_RETURN(const std::size_t right, Product());
      left = Add(kind, left, right);
    }
    return left;
  }

  // product = factor { ("*" | "/") factor }
  absl::StatusOr<std::size_t> Product() {
    ASSIGN_OR_RETURN(std::size_t left, Factor());
    while (Peek().Is("*") || Peek().Is("/")) {
      const Kind kind = Take().Is("*") ? Kind::kMultiply : Kind::kDivide;
      ASSIGN_OR_RETURN(const std::size_t right, Factor());
      left = Add(kind, left, right);
    }
    return left;
  }

  // factor = "-" factor | "(" sum ")" | function | number | metric
  absl::StatusOr<std::size_t> Factor() {
    if (depth_ == kDeepest) {
      return ErrorAt(Peek().begin,
                     absl::StrCat("more than ", kDeepest, " levels deep"));
    }
    ++depth_;
    absl::StatusOr<std::size_t> node = FactorHere();
    --depth_;
    return node;
  }

  absl::StatusOr<std::size_t> FactorHere() {
    const std::size_t begin = Peek().begin;
    if (Peek().Is("-")) {
      Take();
      ASSIGN_OR_RETURN(const std::size_t operand, Factor());
      return Add(Kind::kNegate, operand, operand, begin);
    }
    if (Peek().Is("(")) {
      Take();
      ASSIGN_OR_RETURN(const std::size_t node, Sum());
      RETURN_IF_ERROR(Expect(")"));
      (*nodes_)[node].begin = begin;
      (*nodes_)[node].end = end_;
      return node;
    }
    if (Peek().kind == TokenKind::kNumber) return NumberNode();
    if (Peek().kind == TokenKind::kName) {
      return tokens_[next_ + 1].Is("(") ? Function() : Metric();
    }
    return Unexpected("a metric or a number");
  }

  absl::StatusOr<std::size_t> NumberNode() {
    const Token& token = Take();
    if (Peek().kind == TokenKind::kName) {
      const std::string together =
          absl::StrCat(std::string(token.source), std::string(Peek().source));
      if (ParseNumber(together).has_value()) {
        return ErrorAt(token.begin,
                       absl::StrCat("write ", together, " without a space"));
      }
    }
    Node node;
    node.number = token.number;
    return Push(node, token.begin);
  }

  absl::StatusOr<std::size_t> Metric() {
    const Token& token = Take();
    ASSIGN_OR_RETURN(MetricRef metric, SplitName(token.source, token.begin));
    Node node;
    node.kind = Kind::kMetric;
    node.metric = result_.metrics.size();
    result_.metrics.push_back(std::move(metric));
    return Push(node, token.begin);
  }

  // function = "abs" "(" sum ")" | ("min" | "max") "(" sum { "," sum } ")"
  absl::StatusOr<std::size_t> Function() {
    const Token name = Take();
    const bool absolute = name.Is("abs");
    if (!absolute && !name.Is("min") && !name.Is("max")) {
      return ErrorAt(
          name.begin,
          absl::StrCat("unknown function \"", std::string(name.source), "\"",
                       DidYouMean(name.source, {"abs", "min", "max"})));
    }
    RETURN_IF_ERROR(Expect("("));
    ASSIGN_OR_RETURN(std::size_t node, Sum());
    while (!absolute && Peek().Is(",")) {
      Take();
      ASSIGN_OR_RETURN(const std::size_t right, Sum());
      node = Add(name.Is("min") ? Kind::kMin : Kind::kMax, node, right);
    }
    RETURN_IF_ERROR(Expect(")"));
    if (absolute) return Add(Kind::kAbs, node, node, name.begin);
    (*nodes_)[node].begin = name.begin;
    (*nodes_)[node].end = end_;
    return node;
  }

  std::size_t Push(Node node, std::size_t begin) {
    node.begin = begin;
    node.end = end_;
    nodes_->push_back(node);
    return nodes_->size() - 1;
  }

  std::size_t Add(Kind kind, std::size_t left, std::size_t right) {
    return Add(kind, left, right, (*nodes_)[left].begin);
  }

  std::size_t Add(Kind kind, std::size_t left, std::size_t right,
                  std::size_t begin) {
    Node node;
    node.kind = kind;
    node.left = left;
    node.right = right;
    return Push(node, begin);
  }

  absl::Status Expect(std::string_view word) {
    if (!Peek().Is(word)) return Unexpected(absl::StrCat(std::string(word)));
    Take();
    return absl::OkStatus();
  }

  absl::Status Unexpected(std::string_view wanted) const {
    const std::string found =
        Peek().kind == TokenKind::kEnd
            ? "the end"
            : absl::StrCat("\"", std::string(Peek().source), "\"");
    return ErrorAt(Peek().begin, absl::StrCat("expected ", std::string(wanted),
                                              ", got ", found));
  }

  const Token& Peek() const { return tokens_[next_]; }
  const Token& Take() {
    const Token& token = tokens_[next_];
    end_ = token.begin + token.source.size();
    if (token.kind != TokenKind::kEnd) ++next_;
    return token;
  }

  const std::vector<Token> tokens_;
  ParsedThreshold& result_;
  // Of the side that is being read.
  Expression* nodes_ = nullptr;
  std::size_t next_ = 0;
  // Where the last token that was taken ends.
  std::size_t end_ = 0;
  int depth_ = 0;
};

}  // namespace

absl::StatusOr<ParsedThreshold> ParseThreshold(std::string_view text) {
  ASSIGN_OR_RETURN(std::vector<Token> tokens, Tokenize(text));
  ParsedThreshold result;
  result.text = std::string(text);
  RETURN_IF_ERROR(Parser(std::move(tokens), result).Run());
  return result;
}

}  // namespace perfrig::suites
