#include "server/suites/lexer.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/strings/nearest.h"

namespace perfrig::suites {
namespace {

constexpr std::size_t kLongest = 1'000;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool InName(char c) {
  return IsLetter(c) || IsDigit(c) ||
         std::string_view(".-/[]").find(c) != std::string_view::npos;
}

// Also units: % and the two bytes of a mu.
bool InNumber(char c) {
  return InName(c) || c == '%' || static_cast<unsigned char>(c) >= 0x80;
}

// A name that starts with a digit ("10_users.latency.p50") has a part after
// it; a number never has a letter after a dot.
bool LooksLikeName(std::string_view word) {
  for (std::size_t at = 0; at + 1 < word.size(); ++at) {
    if (word[at] == '.' && IsLetter(word[at + 1])) return true;
  }
  return false;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<Token>> Run() {
    std::vector<Token> tokens;
    while (true) {
      while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) {
        ++at_;
      }
      ASSIGN_OR_RETURN(Token token, Next());
      at_ = token.begin + token.source.size();
      tokens.push_back(std::move(token));
      if (tokens.back().kind == TokenKind::kEnd) return tokens;
    }
  }

 private:
  absl::StatusOr<Token> Next() const {
    if (at_ == text_.size()) return Make(TokenKind::kEnd, 0);
    const char c = text_[at_];
    if (IsDigit(c)) return NumberOrName();
    if (IsLetter(c)) return Make(TokenKind::kName, Run(InName));
    if (c == '"' || c == '\'') return Quoted();
    for (const std::string_view word : {"<=", ">=", "==", "!=", "<", ">"}) {
      if (text_.substr(at_).starts_with(word)) {
        return Make(TokenKind::kComparison, word.size());
      }
    }
    if (std::string_view("+-*/(),").find(c) != std::string_view::npos) {
      return Make(TokenKind::kOperator, 1);
    }
    if (c == '=') return ErrorAt(at_, "a comparison is written ==");
    if (c == '&' || c == '|') {
      return ErrorAt(at_, "one comparison only; write several lines instead");
    }
    if (c == '.') return ErrorAt(at_, "a number starts with a digit: 0.5");
    return ErrorAt(at_, absl::StrCat("unexpected character ", Shown(c)));
  }

  static std::string Shown(char c) {
    if (c > ' ' && c <= '~') return absl::StrCat("'", std::string(1, c), "'");
    return absl::StrCat(
        "0x", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
  }

  absl::StatusOr<Token> NumberOrName() const {
    const std::size_t size = Run(InNumber);
    const std::string_view word = text_.substr(at_, size);
    if (std::optional<Number> number = ParseNumber(word)) {
      Token token = Make(TokenKind::kNumber, size);
      token.number = *number;
      return token;
    }
    if (LooksLikeName(word)) return Make(TokenKind::kName, Run(InName));
    const std::string unit(word.substr(DigitsOf(word)));
    // With a number that fits, the unit would be right.
    if (ParseNumber(absl::StrCat("1", unit)).has_value()) {
      return ErrorAt(at_, absl::StrCat(std::string(word), " is out of range"));
    }
    return ErrorAt(at_, absl::StrCat("unknown unit \"", unit, "\"",
                                     DidYouMean(unit, UnitNames())));
  }

  absl::StatusOr<Token> Quoted() const {
    const char quote = text_[at_];
    std::string value;
    for (std::size_t at = at_ + 1; at < text_.size(); ++at) {
      if (text_[at] == quote) {
        Token token = Make(TokenKind::kText, at + 1 - at_);
        token.text = std::move(value);
        return token;
      }
      if (text_[at] == '\\' && at + 1 < text_.size()) ++at;
      value.push_back(text_[at]);
    }
    return ErrorAt(at_, "the quote is not closed");
  }

  std::size_t Run(bool (*in)(char)) const {
    std::size_t end = at_;
    while (end < text_.size() && in(text_[end])) ++end;
    return end - at_;
  }

  Token Make(TokenKind kind, std::size_t size) const {
    Token token;
    token.kind = kind;
    token.begin = at_;
    token.source = text_.substr(at_, size);
    return token;
  }

  const std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<Token>> Tokenize(std::string_view text) {
  if (text.size() > kLongest) {
    return ErrorAt(kLongest, absl::StrCat("must be at most ", kLongest,
                                          " characters, got ", text.size()));
  }
  return Lexer(text).Run();
}

absl::Status ErrorAt(std::size_t offset, std::string_view message) {
  return absl::InvalidArgumentError(
      absl::StrCat("column ", offset + 1, ": ", std::string(message)));
}

}  // namespace perfrig::suites
