#include "server/targets/overrides.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/macros.h"

namespace perfrig::targets {
namespace {

constexpr char kDelay[] = "perfrig-delay";
constexpr char kFault[] = "perfrig-fault";

absl::StatusOr<Nanos> ReadDelay(const std::string& text) {
  absl::Duration delay;
  if (!absl::ParseDuration(text, &delay) || delay < absl::ZeroDuration() ||
      delay > absl::Hours(1)) {
    return absl::InvalidArgumentError(absl::StrCat(
        kDelay, ": must be a time from 0 to 1h, got \"", text, "\""));
  }
  return absl::ToInt64Nanoseconds(delay);
}

absl::StatusOr<FaultRule> ReadFault(const std::string& text) {
  FaultRule fault;
  if (text == "hang") {
    fault.kind = FaultRule::Kind::kHang;
  } else if (text == "drop") {
    fault.kind = FaultRule::Kind::kDrop;
  } else if (const auto code = ErrorCodeOf(text); code.has_value()) {
    fault.kind = FaultRule::Kind::kStatus;
    fault.code = *code;
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat(kFault,
                     ": must be the name of an error status, hang or drop, "
                     "got \"",
                     text, "\""));
  }
  return fault;
}

}  // namespace

bool HasOverride(const Metadata& metadata) {
  return metadata.find(kDelay) != metadata.end() ||
         metadata.find(kFault) != metadata.end();
}

absl::StatusOr<std::optional<CallOverride>> ReadOverride(
    const Metadata& metadata, bool allowed) {
  const auto delay = metadata.find(kDelay);
  const auto fault = metadata.find(kFault);
  if (delay == metadata.end() && fault == metadata.end()) return std::nullopt;
  if (!allowed) {
    return absl::PermissionDeniedError(
        absl::StrCat(delay == metadata.end() ? kFault : kDelay,
                     ": calls may not change the target's behavior; start the "
                     "daemon with --allow-call-overrides to allow it"));
  }
  CallOverride override;
  if (delay != metadata.end()) {
    const std::string text(delay->second.data(), delay->second.size());
    ASSIGN_OR_RETURN(override.delay, ReadDelay(text));
  }
  if (fault != metadata.end()) {
    const std::string text(fault->second.data(), fault->second.size());
    ASSIGN_OR_RETURN(override.fault, ReadFault(text));
  }
  return override;
}

}  // namespace perfrig::targets
