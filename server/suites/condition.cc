#include "server/suites/condition.h"

#include <charconv>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/code_names.h"
#include "common/status/macros.h"
#include "common/strings/nearest.h"

namespace perfrig::suites {
namespace {

using Kind = AnswerPath::Kind;

// Whole numbers keep their 64 bits.
AnswerValue NumberValue(std::string_view source, double value, bool negative) {
  std::uint64_t whole = 0;
  const char* end = source.data() + source.size();
  const auto result = std::from_chars(source.data(), end, whole);
  if (result.ec != std::errc() || result.ptr != end) {
    return negative ? -value : value;
  }
  if (!negative) return whole;
  // One more than the largest std::int64_t has a negative that fits.
  if (whole > std::uint64_t{1} << 63) return -value;
  return static_cast<std::int64_t>(~whole + 1);
}

std::vector<std::string> NamesOf(const AnswerPath& path) {
  std::vector<std::string> names;
  if (path.of_status()) {
    for (const std::string_view name : kStatusNames) names.emplace_back(name);
  } else if (const auto* type = path.enumeration()) {
    for (int i = 0; i < type->value_count(); ++i) {
      names.push_back(type->value(i)->name());
    }
  }
  return names;
}

bool IsOrdering(std::string_view comparison) {
  return comparison != "==" && comparison != "!=";
}

bool Holds(std::string_view comparison, int order) {
  if (comparison == "<") return order < 0;
  if (comparison == "<=") return order <= 0;
  if (comparison == ">") return order > 0;
  if (comparison == ">=") return order >= 0;
  return (order == 0) == (comparison == "==");
}

std::string Shown(const AnswerValue& value) {
  constexpr std::size_t kShown = 100;
  if (std::holds_alternative<std::monostate>(value)) return "nothing";
  std::string text = ToText(value);
  if (text.size() > kShown) text = absl::StrCat(text.substr(0, kShown), "…");
  const bool quoted = std::holds_alternative<std::string>(value);
  return quoted ? absl::StrCat("\"", text, "\"") : text;
}

std::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kText:
      return "a text";
    case Kind::kBool:
      return "true or false";
    case Kind::kNumber:
      return "a number";
    case Kind::kTime:
      return "a time; write one such as 200ms";
    default:
      return "a name";
  }
}

// What a literal must be beside a path of this kind.
bool LiteralFits(Kind kind, const AnswerValue& literal,
                 const Quantity& quantity) {
  const bool text = std::holds_alternative<std::string>(literal);
  const bool boolean = std::holds_alternative<bool>(literal);
  const bool number = !text && !boolean;
  switch (kind) {
    case Kind::kAny:
      return !number || quantity.seconds == 0;
    case Kind::kText:
      return text;
    case Kind::kBool:
      return boolean;
    case Kind::kNumber:
      return number && quantity.seconds == 0;
    case Kind::kTime:
      return number &&
             (quantity.seconds == 1 || quantity.flavor == Flavor::kZero);
    case Kind::kEnum:
    case Kind::kStatus:
      return text || (number && quantity.seconds == 0);
  }
  return false;
}

bool PathsFit(Kind a, Kind b) {
  const auto named = [](Kind kind) {
    return kind == Kind::kText || kind == Kind::kEnum || kind == Kind::kStatus;
  };
  return a == b || a == Kind::kAny || b == Kind::kAny || (named(a) && named(b));
}

}  // namespace

class Condition::Parser {
 public:
  // `of_call`: names without a dot may be those of the call.
  Parser(std::vector<Token> tokens, const ResponseType& response, bool of_call)
      : tokens_(std::move(tokens)), response_(response), of_call_(of_call) {}

  absl::Status Run(Condition& result) {
    RETURN_IF_ERROR(ReadSide(result.left_));
    const Token& comparison = tokens_[next_];
    if (comparison.kind != TokenKind::kComparison) {
      return Unexpected("a comparison such as ==");
    }
    result.comparison_ = std::string(comparison.source);
    ++next_;
    RETURN_IF_ERROR(ReadSide(result.right_));
    if (tokens_[next_].kind != TokenKind::kEnd) return Unexpected("the end");
    if (!result.left_.path.has_value() && !result.right_.path.has_value()) {
      return ErrorAt(0, "names no value, for example response.FIELD");
    }
    return absl::OkStatus();
  }

 private:
  absl::Status ReadSide(Side& side) {
    const bool negative = tokens_[next_].Is("-");
    side.begin = tokens_[next_].begin;
    if (negative) ++next_;
    const Token& token = tokens_[next_];
    if (token.kind == TokenKind::kNumber) {
      side.literal = NumberValue(token.source, token.number.value, negative);
      side.quantity = token.number.quantity;
    } else if (token.kind == TokenKind::kText && !negative) {
      side.literal = token.text;
    } else if (token.kind == TokenKind::kName && !negative) {
      RETURN_IF_ERROR(ReadName(token, side));
    } else {
      return Unexpected("a value such as response.FIELD, a number or a text");
    }
    side.source = absl::StrCat(negative ? "-" : "", std::string(token.source));
    ++next_;
    return absl::OkStatus();
  }

  absl::Status ReadName(const Token& token, Side& side) {
    const std::string_view name = token.source;
    if (name == "true" || name == "false") {
      side.literal = name == "true";
      return absl::OkStatus();
    }
    if (of_call_) {
      auto path = AnswerPath::Parse(absl::StrCat("call.", std::string(name)),
                                    response_);
      if (path.ok()) {
        side.path = *std::move(path);
        return absl::OkStatus();
      }
    }
    // A bare word is a text: the name of a status or of an enum's value.
    if (name.find('.') == std::string_view::npos && name != "status" &&
        name != "response" && name != "trailer" && name != "phase" &&
        name != "call") {
      side.literal = std::string(name);
      return absl::OkStatus();
    }
    absl::StatusOr<AnswerPath> path = AnswerPath::Parse(name, response_);
    if (!path.ok()) {
      return ErrorAt(token.begin, std::string(path.status().message()));
    }
    side.path = *std::move(path);
    return absl::OkStatus();
  }

  absl::Status Unexpected(std::string_view wanted) const {
    const Token& token = tokens_[next_];
    const std::string found =
        token.kind == TokenKind::kEnd
            ? "the end"
            : absl::StrCat("\"", std::string(token.source), "\"");
    return ErrorAt(token.begin, absl::StrCat("expected ", std::string(wanted),
                                             ", got ", found));
  }

  const std::vector<Token> tokens_;
  const ResponseType& response_;
  const bool of_call_;
  std::size_t next_ = 0;
};

absl::StatusOr<Condition> Condition::Parse(std::string_view text,
                                           const ResponseType& response) {
  return Parse(text, response, /*of_call=*/false);
}

absl::StatusOr<Condition> Condition::ParseGood(std::string_view text,
                                               const ResponseType& response) {
  return Parse(text, response, /*of_call=*/true);
}

absl::StatusOr<Condition> Condition::Parse(std::string_view text,
                                           const ResponseType& response,
                                           bool of_call) {
  ASSIGN_OR_RETURN(std::vector<Token> tokens, Tokenize(text));
  Condition result;
  result.text_ = std::string(text);
  RETURN_IF_ERROR(Parser(std::move(tokens), response, of_call).Run(result));
  if (result.left_.path.has_value()) {
    RETURN_IF_ERROR(CheckSides(*result.left_.path, result.left_.source,
                               result.right_, result.comparison_));
  }
  if (result.right_.path.has_value()) {
    RETURN_IF_ERROR(CheckSides(*result.right_.path, result.right_.source,
                               result.left_, result.comparison_));
  }
  return result;
}

absl::Status Condition::CheckSides(const AnswerPath& path,
                                   const std::string& source, const Side& other,
                                   std::string_view comparison) {
  const Kind kind = path.kind();
  const bool fits = other.path.has_value()
                        ? PathsFit(kind, other.path->kind())
                        : LiteralFits(kind, other.literal, other.quantity);
  if (!fits) {
    return ErrorAt(other.begin,
                   absl::StrCat(source, " is ", std::string(KindName(kind)),
                                ", got ", other.source));
  }
  const bool ordered =
      kind == Kind::kNumber || kind == Kind::kTime || kind == Kind::kAny;
  if (IsOrdering(comparison) && !ordered) {
    return ErrorAt(other.begin,
                   absl::StrCat(source, " is ", std::string(KindName(kind)),
                                " and only compares by == and !="));
  }
  const auto* name = std::get_if<std::string>(&other.literal);
  const std::vector<std::string> names = NamesOf(path);
  if (name == nullptr || names.empty() || other.path.has_value()) {
    return absl::OkStatus();
  }
  for (const std::string& known : names) {
    if (known == *name) return absl::OkStatus();
  }
  return ErrorAt(other.begin, absl::StrCat(source, " is never \"", *name, "\"",
                                           DidYouMean(*name, names)));
}

bool Condition::of_response() const {
  return (left_.path.has_value() && left_.path->of_response()) ||
         (right_.path.has_value() && right_.path->of_response());
}

bool Condition::of_status() const {
  return (left_.path.has_value() && left_.path->of_status()) ||
         (right_.path.has_value() && right_.path->of_status());
}

bool Condition::of_more_than_status() const {
  return (left_.path.has_value() && !left_.path->of_status()) ||
         (right_.path.has_value() && !right_.path->of_status());
}

std::string Condition::Test(const AnswerView& answer,
                            const google::protobuf::Message* response) const {
  const auto value = [&](const Side& side) {
    return side.path.has_value() ? side.path->Read(answer, response)
                                 : side.literal;
  };
  const AnswerValue left = value(left_);
  const AnswerValue right = value(right_);
  const std::optional<int> order = Compare(left, right);
  if (order.has_value() && Holds(comparison_, *order)) return "";
  std::string got = Shown(left_.path.has_value() ? left : right);
  if (left_.path.has_value() && right_.path.has_value()) {
    absl::StrAppend(&got, " and ", Shown(right));
  }
  return absl::StrCat(text_, ": got ", got);
}

}  // namespace perfrig::suites
