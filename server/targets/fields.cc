#include "server/targets/fields.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/checks/ranges.h"

namespace perfrig::targets {
namespace {

constexpr std::size_t kMostTold = 10;

}  // namespace

absl::Status CheckBytes(std::string_view field, std::string_view value,
                        std::size_t least, std::size_t most) {
  if (value.size() >= least && value.size() <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(std::string(field), ": must have ", least, " to ", most,
                   " bytes, got ", value.size()));
}

absl::Status CheckTime(std::string_view field,
                       const google::protobuf::Duration& time, Nanos most) {
  std::vector<FieldProblem> problems;
  CheckDuration(time, {.max = absl::Nanoseconds(most)}, std::string(field),
                problems);
  if (problems.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(problems[0].field, ": ", problems[0].message));
}

google::protobuf::Duration ToDuration(Nanos time) {
  google::protobuf::Duration duration;
  duration.set_seconds(time / kSecond);
  duration.set_nanos(static_cast<std::int32_t>(time % kSecond));
  return duration;
}

void Tell(google::protobuf::Struct& state, const char* name, double value) {
  (*state.mutable_fields())[name].set_number_value(value);
}

void TellLeast(google::protobuf::Struct& state, const char* name,
               Levels levels) {
  auto& least = *(*state.mutable_fields())[name].mutable_struct_value();
  for (const auto& [key, left] : Least(std::move(levels), kMostTold)) {
    // A key may be any bytes, a name in JSON may not.
    Tell(least, absl::CHexEscape(key).c_str(), left);
  }
}

}  // namespace perfrig::targets
