// Protobuf's times as absl's.
#ifndef PERFRIG_CLIENT_VIEWS_TIMES_H_
#define PERFRIG_CLIENT_VIEWS_TIMES_H_

#include <string>

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace perfrig {

[[nodiscard]] inline absl::Duration ToDuration(
    const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) +
         absl::Nanoseconds(duration.nanos());
}

[[nodiscard]] inline absl::Time ToTime(
    const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) +
         absl::Nanoseconds(timestamp.nanos());
}

// "2026-03-01 12:30:05" in the local time zone; "-" where it is not set.
[[nodiscard]] inline std::string FormatTime(
    const google::protobuf::Timestamp& timestamp) {
  if (timestamp.seconds() == 0) return "-";
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", ToTime(timestamp),
                          absl::LocalTimeZone());
}

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_VIEWS_TIMES_H_
