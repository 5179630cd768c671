#include "common/checks/ranges.h"

#include <cmath>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"

namespace perfrig {
namespace {

constexpr std::int32_t kNanosOfASecond = 1'000'000'000;
// Of google.protobuf.Duration: 10,000 years.
constexpr std::int64_t kMostSeconds = 315'576'000'000;

bool IsValid(const google::protobuf::Duration& value) {
  const bool signs_agree = value.seconds() == 0 || value.nanos() == 0 ||
                           (value.seconds() < 0) == (value.nanos() < 0);
  return signs_agree && std::abs(value.nanos()) < kNanosOfASecond &&
         value.seconds() >= -kMostSeconds && value.seconds() <= kMostSeconds;
}

std::string Must(const std::string& min, const std::string& max,
                 bool above_min) {
  return above_min ? absl::StrCat("must be > ", min, " and <= ", max)
                   : absl::StrCat("must be ", min, " to ", max);
}

std::string WithSeparators(std::string digits) {
  const std::size_t first = digits.front() == '-' ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

}  // namespace

void CheckNumber(double value, const NumberRange& range, std::string field,
                 std::vector<FieldProblem>& problems) {
  const bool high_enough =
      range.above_min ? value > range.min : value >= range.min;
  if (high_enough && value <= range.max) return;
  problems.push_back({std::move(field),
                      absl::StrCat(Must(NumberText(range.min),
                                        NumberText(range.max), range.above_min),
                                   ", got ", NumberText(value))});
}

void CheckDuration(const google::protobuf::Duration& value,
                   const DurationRange& range, std::string field,
                   std::vector<FieldProblem>& problems) {
  if (!IsValid(value)) {
    problems.push_back(
        {std::move(field),
         absl::StrCat("must be a duration, got ", value.seconds(),
                      " seconds and ", value.nanos(), " nanos")});
    return;
  }
  const absl::Duration duration = ToAbslDuration(value);
  const bool long_enough =
      range.above_min ? duration > range.min : duration >= range.min;
  if (long_enough && duration <= range.max) return;
  // 0 stands without a unit.
  const std::string min =
      range.min == absl::ZeroDuration() ? "0" : absl::FormatDuration(range.min);
  problems.push_back(
      {std::move(field),
       absl::StrCat(Must(min, absl::FormatDuration(range.max), range.above_min),
                    ", got ", absl::FormatDuration(duration))});
}

absl::Duration ToAbslDuration(const google::protobuf::Duration& value) {
  return absl::Seconds(value.seconds()) + absl::Nanoseconds(value.nanos());
}

std::string NumberText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-infinity" : "infinity";
  if (value == std::floor(value) && std::abs(value) < 1e15) {
    return WithSeparators(absl::StrCat(static_cast<std::int64_t>(value)));
  }
  return absl::StrCat(value);
}

}  // namespace perfrig
