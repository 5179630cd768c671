// Words of thresholds and conditions.
#ifndef PERFRIG_SERVER_SUITES_LEXER_H_
#define PERFRIG_SERVER_SUITES_LEXER_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/suites/quantity.h"

namespace perfrig::suites {

enum class TokenKind {
  kEnd,
  kNumber,
  kName,        // starts with a letter, digit or _; may hold . - / [n]
  kText,        // in single or double quotes
  kComparison,  // < <= > >= == !=
  kOperator,    // + - * / ( ) ,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  // In the text, 0-based.
  std::size_t begin = 0;
  // As written; valid as long as the text is.
  std::string_view source;
  Number number;     // kNumber
  std::string text;  // kText: without quotes and escapes

  bool Is(std::string_view word) const {
    return kind != TokenKind::kText && source == word;
  }
};

// All tokens, the last one kEnd. Texts above 1,000 characters are refused.
absl::StatusOr<std::vector<Token>> Tokenize(std::string_view text);

// INVALID_ARGUMENT "column N: message", N being 1-based.
absl::Status ErrorAt(std::size_t offset, std::string_view message);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_LEXER_H_
