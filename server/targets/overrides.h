// What a call may ask for itself by metadata.
#ifndef PERFRIG_SERVER_TARGETS_OVERRIDES_H_
#define PERFRIG_SERVER_TARGETS_OVERRIDES_H_

#include <grpcpp/support/string_ref.h>

#include <map>
#include <optional>

#include "absl/status/statusor.h"
#include "server/targets/behavior/compiled_behavior.h"

namespace perfrig::targets {

using Metadata = std::multimap<grpc::string_ref, grpc::string_ref>;

// Whether there is anything for ReadOverride to read.
bool HasOverride(const Metadata& metadata);

// "perfrig-delay": a time up to an hour, such as "5ms", in place of the delay
// of the behavior. "perfrig-fault": the name of an error status, "hang" or
// "drop", in place of its faults. Nothing where neither is there;
// INVALID_ARGUMENT for other values; PERMISSION_DENIED where not `allowed`.
absl::StatusOr<std::optional<CallOverride>> ReadOverride(
    const Metadata& metadata, bool allowed);

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_OVERRIDES_H_
