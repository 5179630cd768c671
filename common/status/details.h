// Machine-readable details of an error, as payloads that clients such as
// grpcurl show: google.rpc.BadRequest, ResourceInfo, QuotaFailure
// and RetryInfo.
//
//   return WithViolations(absl::InvalidArgumentError(text), problems);
#ifndef PERFRIG_COMMON_STATUS_DETAILS_H_
#define PERFRIG_COMMON_STATUS_DETAILS_H_

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/strings/field_problem.h"
#include "common/time/clock.h"
#include "google/rpc/error_details.pb.h"

namespace perfrig {

// For INVALID_ARGUMENT: which fields are wrong, and why.
absl::Status WithViolations(absl::Status status,
                            const std::vector<FieldProblem>& violations);
// INVALID_ARGUMENT of one field: "field message" with its violation.
absl::Status BadField(std::string_view field, std::string_view message);
// For NOT_FOUND and PERMISSION_DENIED: `type` such as "perfrig.v1.Run", `name`
// as the client gave it.
absl::Status WithResource(absl::Status status, std::string_view type,
                          std::string_view name);
// For RESOURCE_EXHAUSTED: `subject` is what is full, for example
// "runs/queue"; `description` how full.
absl::Status WithQuota(absl::Status status, std::string_view subject,
                       std::string_view description);
// For RESOURCE_EXHAUSTED and UNAVAILABLE: when to try again, at the earliest.
absl::Status WithRetry(absl::Status status, Nanos wait);

// What was attached; nothing where there is none or it cannot be read.
std::optional<google::rpc::BadRequest> ViolationsOf(const absl::Status& status);
std::optional<google::rpc::ResourceInfo> ResourceOf(const absl::Status& status);
std::optional<google::rpc::QuotaFailure> QuotaOf(const absl::Status& status);
std::optional<Nanos> RetryOf(const absl::Status& status);

}  // namespace perfrig

#endif  // PERFRIG_COMMON_STATUS_DETAILS_H_
