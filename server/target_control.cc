#include "server/target_control.h"

#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "server/drivers/grpc/unary.h"

namespace perfrig {
namespace {

constexpr char kService[] = "/perfrig.v1.Targets/";
constexpr char kAllTargets[] = "targets/-";
// For one call, connecting included.
constexpr Nanos kTimeout = 5 * kSecond;
// For a reset that comes after the run was stopped: it is owed to whoever uses
// the target next, and a target that lives answers much sooner.
constexpr Nanos kLastTimeout = 500 * kMillisecond;

v1::UpdateBehaviorRequest RequestOf(const v1::BehaviorChange& change) {
  v1::UpdateBehaviorRequest request;
  request.set_name(change.target());
  *request.mutable_behavior() = change.behavior();
  if (change.has_update_mask()) {
    *request.mutable_update_mask() = change.update_mask();
  }
  return request;
}

// This daemon's own targets.
class HostControl final : public runs::TargetControl {
 public:
  explicit HostControl(targets::Host& host) : host_(host) {}

  absl::StatusOr<std::vector<v1::Target>> List() override {
    return host_.List(/*with_histograms=*/true);
  }
  absl::Status Reset() override { return host_.Reset(kAllTargets).status(); }
  absl::Status Update(const v1::BehaviorChange& change) override {
    return host_.Update(RequestOf(change), /*by_hand=*/false).status();
  }

 private:
  targets::Host& host_;
};

// Those of a daemon that listens elsewhere.
class RemoteControl final : public runs::TargetControl {
 public:
  RemoteControl(Clock& clock, std::string address, std::stop_token stop)
      : clock_(clock), address_(std::move(address)), stop_(std::move(stop)) {}

  absl::StatusOr<std::vector<v1::Target>> List() override {
    v1::ListTargetsResponse response;
    RETURN_IF_ERROR(
        Call("ListTargets", v1::ListTargetsRequest(), response, stop_));
    return std::vector<v1::Target>(response.targets().begin(),
                                   response.targets().end());
  }

  absl::Status Reset() override {
    v1::ResetTargetRequest request;
    request.set_name(kAllTargets);
    v1::Target response;
    if (!stop_.stop_requested()) {
      return Call("ResetTarget", request, response, stop_);
    }
    return Call("ResetTarget", request, response, {}, kLastTimeout);
  }

  absl::Status Update(const v1::BehaviorChange& change) override {
    v1::Target response;
    return Call("UpdateBehavior", RequestOf(change), response, stop_);
  }

 private:
  absl::Status Call(const std::string& method,
                    const google::protobuf::Message& request,
                    google::protobuf::Message& response,
                    const std::stop_token& stop, Nanos timeout = kTimeout) {
    ASSIGN_OR_RETURN(
        const std::string bytes,
        drivers::UnaryCall(clock_, address_, kService + method,
                           request.SerializeAsString(), {}, timeout, stop));
    if (response.ParseFromString(bytes)) return absl::OkStatus();
    return absl::InternalError(address_ + ": " + method +
                               " answered what cannot be read");
  }

  Clock& clock_;
  const std::string address_;
  const std::stop_token stop_;
};

}  // namespace

std::unique_ptr<runs::TargetControl> ControlOf(targets::Host& host) {
  return std::make_unique<HostControl>(host);
}

std::unique_ptr<runs::TargetControl> ControlAt(Clock& clock,
                                               const std::string& address,
                                               const std::stop_token& stop) {
  auto control = std::make_unique<RemoteControl>(clock, address, stop);
  if (!control->List().ok()) return nullptr;
  return control;
}

}  // namespace perfrig
