// Names of the gRPC status codes, as people write them.
//
//   StatusName(14);               // "UNAVAILABLE"
//   StatusCode("NOT_FOUND");      // 5
#ifndef PERFRIG_COMMON_STATUS_CODE_NAMES_H_
#define PERFRIG_COMMON_STATUS_CODE_NAMES_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace perfrig {

// In the order of the codes, from 0.
inline constexpr std::array<std::string_view, 17> kStatusNames = {
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
};

// "UNKNOWN" for a number that is no status code.
[[nodiscard]] constexpr std::string_view StatusName(int code) {
  const auto index = static_cast<std::size_t>(code);
  return index < kStatusNames.size() ? kStatusNames[index] : kStatusNames[2];
}

// The code of exactly this name.
[[nodiscard]] constexpr std::optional<int> StatusCode(std::string_view name) {
  for (std::size_t i = 0; i < kStatusNames.size(); ++i) {
    if (kStatusNames[i] == name) return static_cast<int>(i);
  }
  return std::nullopt;
}

}  // namespace perfrig

#endif  // PERFRIG_COMMON_STATUS_CODE_NAMES_H_
