// Values of flags as people type them. Every error says what was expected
// and what was given.
#ifndef PERFRIG_CLIENT_FLAGS_VALUES_H_
#define PERFRIG_CLIENT_FLAGS_VALUES_H_

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"

namespace perfrig {

// "20ms", "1.5s", "2m30s", "0"; not negative, finite.
absl::StatusOr<absl::Duration> ParseDuration(std::string_view text);
absl::StatusOr<google::protobuf::Duration> ParseProtoDuration(
    std::string_view text);
[[nodiscard]] google::protobuf::Duration ToProto(absl::Duration duration);

// "1000/s", "1000", "60/m", "3600/h", as calls a second; > 0.
absl::StatusOr<double> ParseRate(std::string_view text);

// "1%" or "0.01"; 0 to 1.
absl::StatusOr<double> ParseShare(std::string_view text);

// A finite number.
absl::StatusOr<double> ParseNumber(std::string_view text);

// "10MB", "1.5GiB", "512", as bytes.
absl::StatusOr<double> ParseBytes(std::string_view text);

// "host:port", "dns:///name:port" or "unix:/path".
absl::Status CheckAddress(std::string_view text);
// The same, "self" or "spawn".
absl::Status CheckTarget(std::string_view text);

// "KEY=VALUE"; the key is not empty, the value may be.
absl::StatusOr<std::pair<std::string, std::string>> ParseAssignment(
    std::string_view text);
// Of all values of `flag`, with which errors begin.
absl::StatusOr<std::map<std::string, std::string>> ParseAssignments(
    std::string_view flag, const std::vector<std::string>& texts);

// `status` as an error of `flag`: "--rate must be …".
absl::Status Named(std::string_view flag, const absl::Status& status);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_FLAGS_VALUES_H_
