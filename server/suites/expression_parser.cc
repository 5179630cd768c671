#include "server/suites/expression_parser.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/strings/nearest.h"

namespace perfrig::suites {
namespace {

using Kind = Node::Kind;

// Parentheses, functions and signs within each other.
constexpr int kDeepest = 50;

}  // namespace

ExpressionParser::ExpressionParser(std::vector<Token> tokens,
                                   std::string_view names, ReadName read_name)
    : tokens_(std::move(tokens)),
      names_(names),
      read_name_(std::move(read_name)) {}

absl::StatusOr<Expression> ExpressionParser::Read() {
  RETURN_IF_ERROR(Sum().status());
  return std::exchange(nodes_, {});
}

// sum = product { ("+" | "-") product }
absl::StatusOr<std::size_t> ExpressionParser::Sum() {
  ASSIGN_OR_RETURN(std::size_t left, Product());
  while (Peek().Is("+") || Peek().Is("-")) {
    const Kind kind = Take().Is("+") ? Kind::kAdd : Kind::kSubtract;
    ASSIGN_OR_RETURN(const std::size_t right, Product());
    left = Add(kind, left, right);
  }
  return left;
}

// product = factor { ("*" | "/") factor }
absl::StatusOr<std::size_t> ExpressionParser::Product() {
  ASSIGN_OR_RETURN(std::size_t left, Factor());
  while (Peek().Is("*") || Peek().Is("/")) {
    const Kind kind = Take().Is("*") ? Kind::kMultiply : Kind::kDivide;
    ASSIGN_OR_RETURN(const std::size_t right, Factor());
    left = Add(kind, left, right);
  }
  return left;
}

// factor = "-" factor | "(" sum ")" | function | number | metric
absl::StatusOr<std::size_t> ExpressionParser::Factor() {
  if (depth_ == kDeepest) {
    return ErrorAt(Peek().begin,
                   absl::StrCat("more than ", kDeepest, " levels deep"));
  }
  ++depth_;
  absl::StatusOr<std::size_t> node = FactorHere();
  --depth_;
  return node;
}

absl::StatusOr<std::size_t> ExpressionParser::FactorHere() {
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
    nodes_[node].begin = begin;
    nodes_[node].end = end_;
    return node;
  }
  if (Peek().kind == TokenKind::kNumber) return NumberNode();
  if (Peek().kind == TokenKind::kName) {
    return tokens_[next_ + 1].Is("(") ? Function() : Value();
  }
  return Unexpected(absl::StrCat(std::string(names_), " or a number"));
}

absl::StatusOr<std::size_t> ExpressionParser::NumberNode() {
  const Token token = Take();
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

absl::StatusOr<std::size_t> ExpressionParser::Value() {
  const Token token = Take();
  Node node;
  node.kind = Kind::kMetric;
  ASSIGN_OR_RETURN(node.metric, read_name_(token));
  return Push(node, token.begin);
}

// function = "abs" "(" sum ")" | ("min" | "max") "(" sum { "," sum } ")"
absl::StatusOr<std::size_t> ExpressionParser::Function() {
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
  nodes_[node].begin = name.begin;
  nodes_[node].end = end_;
  return node;
}

std::size_t ExpressionParser::Push(Node node, std::size_t begin) {
  node.begin = begin;
  node.end = end_;
  nodes_.push_back(node);
  return nodes_.size() - 1;
}

std::size_t ExpressionParser::Add(Kind kind, std::size_t left,
                                  std::size_t right) {
  return Add(kind, left, right, nodes_[left].begin);
}

std::size_t ExpressionParser::Add(Kind kind, std::size_t left,
                                  std::size_t right, std::size_t begin) {
  Node node;
  node.kind = kind;
  node.left = left;
  node.right = right;
  return Push(node, begin);
}

absl::Status ExpressionParser::Expect(std::string_view word) {
  if (!Peek().Is(word)) return Unexpected(absl::StrCat(std::string(word)));
  Take();
  return absl::OkStatus();
}

Token ExpressionParser::Take() {
  const Token& token = tokens_[next_];
  end_ = token.begin + token.source.size();
  if (token.kind != TokenKind::kEnd) ++next_;
  return token;
}

absl::Status ExpressionParser::Unexpected(std::string_view wanted) const {
  const std::string found =
      Peek().kind == TokenKind::kEnd
          ? "the end"
          : absl::StrCat("\"", std::string(Peek().source), "\"");
  return ErrorAt(Peek().begin, absl::StrCat("expected ", std::string(wanted),
                                            ", got ", found));
}

}  // namespace perfrig::suites
