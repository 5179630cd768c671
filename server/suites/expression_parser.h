// Arithmetic over numbers and named values, as text: "a / (b + 1ms)".
#ifndef PERFRIG_SERVER_SUITES_EXPRESSION_PARSER_H_
#define PERFRIG_SERVER_SUITES_EXPRESSION_PARSER_H_

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/suites/expression.h"
#include "server/suites/lexer.h"

namespace perfrig::suites {

class ExpressionParser {
 public:
  // Number of the value that the name stands for.
  using ReadName =
      std::function<absl::StatusOr<std::size_t>(const Token& name)>;

  // `names` says what stands where neither a value nor a number does: "a
  // metric".
  ExpressionParser(std::vector<Token> tokens, std::string_view names,
                   ReadName read_name);

  // Reads one sum, as far as it goes.
  absl::StatusOr<Expression> Read();

  const Token& Peek() const { return tokens_[next_]; }
  Token Take();
  // INVALID_ARGUMENT: something else stands here than is wanted.
  absl::Status Unexpected(std::string_view wanted) const;

 private:
  absl::StatusOr<std::size_t> Sum();
  absl::StatusOr<std::size_t> Product();
  absl::StatusOr<std::size_t> Factor();
  absl::StatusOr<std::size_t> FactorHere();
  absl::StatusOr<std::size_t> NumberNode();
  absl::StatusOr<std::size_t> Value();
  absl::StatusOr<std::size_t> Function();
  std::size_t Push(Node node, std::size_t begin);
  std::size_t Add(Node::Kind kind, std::size_t left, std::size_t right);
  std::size_t Add(Node::Kind kind, std::size_t left, std::size_t right,
                  std::size_t begin);
  absl::Status Expect(std::string_view word);

  const std::vector<Token> tokens_;
  const std::string_view names_;
  const ReadName read_name_;
  // Of the sum that is being read.
  Expression nodes_;
  std::size_t next_ = 0;
  // Where the last token that was taken ends.
  std::size_t end_ = 0;
  int depth_ = 0;
};

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_EXPRESSION_PARSER_H_
