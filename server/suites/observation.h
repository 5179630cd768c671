// What makes a metric of an answer: a value of it, or arithmetic over several:
// "response.cache_hit", "abs(response.latency_ms * 1ms - call.service)".
#ifndef PERFRIG_SERVER_SUITES_OBSERVATION_H_
#define PERFRIG_SERVER_SUITES_OBSERVATION_H_

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "server/suites/answer_path.h"
#include "server/suites/expression.h"
#include "server/suites/metrics_catalog.h"

namespace perfrig::suites {

class Observation {
 public:
  // INVALID_ARGUMENT, in arithmetic "column N: …", where the text is none, what
  // it names is not there or is a text, or units do not fit.
  static absl::StatusOr<Observation> Parse(std::string_view text,
                                           const ResponseType& response);

  // Known without the response's type: only times have a unit of their own.
  Unit unit() const { return unit_; }
  bool of_response() const;
  // In its base unit; nothing where a value is not there or is no number, or a
  // divisor is 0.
  std::optional<double> Read(const AnswerView& answer,
                             const google::protobuf::Message* response) const;

 private:
  absl::Status ParseArithmetic(std::string_view text,
                               const ResponseType& response);

  std::vector<AnswerPath> paths_;
  // Over the paths; empty: the only one as it is.
  Expression expression_;
  Unit unit_ = Unit::kNone;
};

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_OBSERVATION_H_
