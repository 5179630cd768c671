// Rules that hold for one field: "must be 0 to 1, got 1.5".
#ifndef PERFRIG_COMMON_CHECKS_RANGES_H_
#define PERFRIG_COMMON_CHECKS_RANGES_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/strings/field_problem.h"
#include "google/protobuf/duration.pb.h"

namespace perfrig {

struct NumberRange {
  double min = 0;
  double max = 0;
  // `min` itself is too small.
  bool above_min = false;
};

struct DurationRange {
  absl::Duration min = absl::ZeroDuration();
  absl::Duration max = absl::Hours(1);
  // `min` itself is too short.
  bool above_min = false;
};

// Add a problem of `field` unless the value is in range. NaN and durations
// whose seconds and nanos contradict each other never are.
void CheckNumber(double value, const NumberRange& range, std::string field,
                 std::vector<FieldProblem>& problems);
void CheckDuration(const google::protobuf::Duration& value,
                   const DurationRange& range, std::string field,
                   std::vector<FieldProblem>& problems);

// Any value, also one that is no valid Duration.
[[nodiscard]] absl::Duration ToAbslDuration(
    const google::protobuf::Duration& value);

// "1,000,000", "0.5", "NaN".
[[nodiscard]] std::string NumberText(double value);

}  // namespace perfrig

#endif  // PERFRIG_COMMON_CHECKS_RANGES_H_
