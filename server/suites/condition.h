// A condition of a check: `response.source == "CACHE"`, `call.latency < 200ms`.
#ifndef PERFRIG_SERVER_SUITES_CONDITION_H_
#define PERFRIG_SERVER_SUITES_CONDITION_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/suites/answer_path.h"
#include "server/suites/answer_value.h"
#include "server/suites/lexer.h"

namespace perfrig::suites {

class Condition {
 public:
  // INVALID_ARGUMENT "column N: …" where the text is no condition, its path
  // names nothing, or its two sides cannot be compared.
  static absl::StatusOr<Condition> Parse(std::string_view text,
                                         const ResponseType& response);
  // The same, where "call." may be left out.
  static absl::StatusOr<Condition> ParseGood(std::string_view text,
                                             const ResponseType& response);

  bool of_response() const;
  bool of_status() const;
  // Whether it needs anything but the status.
  bool of_more_than_status() const;
  // Empty where it holds; else the condition and what was there instead.
  std::string Test(const AnswerView& answer,
                   const google::protobuf::Message* response) const;

 private:
  struct Side {
    // Absent: a literal.
    std::optional<AnswerPath> path;
    AnswerValue literal;
    // Of a literal number.
    Quantity quantity;
    // In the text.
    std::size_t begin = 0;
    std::string source;
  };
  class Parser;

  static absl::StatusOr<Condition> Parse(std::string_view text,
                                         const ResponseType& response,
                                         bool of_call);
  // `source` is the path as written.
  static absl::Status CheckSides(const AnswerPath& path,
                                 const std::string& source, const Side& other,
                                 std::string_view comparison);

  std::string text_;
  Side left_;
  std::string comparison_;
  Side right_;
};

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_CONDITION_H_
