#include "server/suites/observation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "server/suites/answer_value.h"
#include "server/suites/expression_parser.h"
#include "server/suites/lexer.h"

namespace perfrig::suites {
namespace {

using Kind = AnswerPath::Kind;

// A path alone has none of these.
bool IsArithmetic(std::string_view text) {
  return text.find_first_of(" \t+*(),") != std::string_view::npos ||
         text.starts_with("-");
}

absl::StatusOr<AnswerPath> ParsePath(std::string_view text,
                                     const ResponseType& response) {
  ASSIGN_OR_RETURN(AnswerPath path, AnswerPath::Parse(text, response));
  if (path.kind() != Kind::kText && path.kind() != Kind::kStatus) return path;
  return absl::InvalidArgumentError(absl::StrCat(
      "must be a number or true or false, ", std::string(text), " is a text"));
}

Unit UnitOf(const AnswerPath& path) {
  return path.kind() == Kind::kTime ? Unit::kSeconds : Unit::kNone;
}

}  // namespace

absl::StatusOr<Observation> Observation::Parse(std::string_view text,
                                               const ResponseType& response) {
  Observation result;
  if (IsArithmetic(text)) {
    RETURN_IF_ERROR(result.ParseArithmetic(text, response));
    return result;
  }
  ASSIGN_OR_RETURN(AnswerPath path, ParsePath(text, response));
  result.unit_ = UnitOf(path);
  result.paths_.push_back(std::move(path));
  return result;
}

absl::Status Observation::ParseArithmetic(std::string_view text,
                                          const ResponseType& response) {
  ASSIGN_OR_RETURN(std::vector<Token> tokens, Tokenize(text));
  ExpressionParser parser(
      std::move(tokens), "a value such as response.FIELD",
      [&](const Token& name) -> absl::StatusOr<std::size_t> {
        absl::StatusOr<AnswerPath> path = ParsePath(name.source, response);
        if (!path.ok()) {
          return ErrorAt(name.begin, std::string(path.status().message()));
        }
        paths_.push_back(*std::move(path));
        return paths_.size() - 1;
      });
  ASSIGN_OR_RETURN(expression_, parser.Read());
  if (parser.Peek().kind != TokenKind::kEnd) {
    return parser.Unexpected("the end");
  }
  if (paths_.empty()) {
    return ErrorAt(0, "names no value, for example response.FIELD");
  }
  std::vector<Quantity> quantities;
  quantities.reserve(paths_.size());
  for (const AnswerPath& path : paths_) {
    quantities.push_back(QuantityOf(UnitOf(path)));
  }
  ASSIGN_OR_RETURN(const Quantity quantity,
                   Measure(expression_, quantities, text));
  unit_ = suites::UnitOf(quantity);
  return absl::OkStatus();
}

bool Observation::of_response() const {
  return std::any_of(paths_.begin(), paths_.end(),
                     [](const AnswerPath& path) { return path.of_response(); });
}

std::optional<double> Observation::Read(
    const AnswerView& answer, const google::protobuf::Message* response) const {
  if (expression_.empty()) {
    return ToNumber(paths_.front().Read(answer, response));
  }
  std::vector<double> values;
  values.reserve(paths_.size());
  for (const AnswerPath& path : paths_) {
    values.push_back(ToNumber(path.Read(answer, response))
                         .value_or(std::numeric_limits<double>::quiet_NaN()));
  }
  const double value = Evaluate(expression_, values);
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace perfrig::suites
