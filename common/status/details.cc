#include "common/status/details.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace perfrig {
namespace {

constexpr char kBadRequest[] = "type.googleapis.com/google.rpc.BadRequest";
constexpr char kResourceInfo[] = "type.googleapis.com/google.rpc.ResourceInfo";
constexpr char kQuotaFailure[] = "type.googleapis.com/google.rpc.QuotaFailure";
constexpr char kRetryInfo[] = "type.googleapis.com/google.rpc.RetryInfo";

absl::Status Attach(absl::Status status, const char* type,
                    const google::protobuf::Message& detail) {
  status.SetPayload(type, absl::Cord(detail.SerializeAsString()));
  return status;
}

template <typename Detail>
std::optional<Detail> Read(const absl::Status& status, const char* type) {
  const auto payload = status.GetPayload(type);
  Detail detail;
  if (!payload.has_value() || !detail.ParseFromString(std::string(*payload))) {
    return std::nullopt;
  }
  return detail;
}

}  // namespace

absl::Status WithViolations(absl::Status status,
                            const std::vector<FieldProblem>& violations) {
  google::rpc::BadRequest detail;
  for (const FieldProblem& problem : violations) {
    auto* violation = detail.add_field_violations();
    violation->set_field(problem.field);
    violation->set_description(problem.message);
  }
  return Attach(std::move(status), kBadRequest, detail);
}

absl::Status BadField(std::string_view field, std::string_view message) {
  const FieldProblem problem{std::string(field), std::string(message)};
  return WithViolations(absl::InvalidArgumentError(
                            absl::StrCat(problem.field, " ", problem.message)),
                        {problem});
}

absl::Status WithResource(absl::Status status, std::string_view type,
                          std::string_view name) {
  google::rpc::ResourceInfo detail;
  detail.set_resource_type(std::string(type));
  detail.set_resource_name(std::string(name));
  detail.set_description(std::string(status.message()));
  return Attach(std::move(status), kResourceInfo, detail);
}

absl::Status WithQuota(absl::Status status, std::string_view subject,
                       std::string_view description) {
  google::rpc::QuotaFailure detail;
  auto* violation = detail.add_violations();
  violation->set_subject(std::string(subject));
  violation->set_description(std::string(description));
  return Attach(std::move(status), kQuotaFailure, detail);
}

absl::Status WithRetry(absl::Status status, Nanos wait) {
  google::rpc::RetryInfo detail;
  detail.mutable_retry_delay()->set_seconds(wait / kSecond);
  detail.mutable_retry_delay()->set_nanos(
      static_cast<std::int32_t>(wait % kSecond));
  return Attach(std::move(status), kRetryInfo, detail);
}

std::optional<google::rpc::BadRequest> ViolationsOf(
    const absl::Status& status) {
  return Read<google::rpc::BadRequest>(status, kBadRequest);
}

std::optional<google::rpc::ResourceInfo> ResourceOf(
    const absl::Status& status) {
  return Read<google::rpc::ResourceInfo>(status, kResourceInfo);
}

std::optional<google::rpc::QuotaFailure> QuotaOf(const absl::Status& status) {
  return Read<google::rpc::QuotaFailure>(status, kQuotaFailure);
}

std::optional<Nanos> RetryOf(const absl::Status& status) {
  const auto detail = Read<google::rpc::RetryInfo>(status, kRetryInfo);
  if (!detail.has_value()) return std::nullopt;
  return detail->retry_delay().seconds() * kSecond +
         detail->retry_delay().nanos();
}

}  // namespace perfrig
