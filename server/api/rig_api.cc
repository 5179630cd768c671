#include "server/api/rig_api.h"

#include <memory>
#include <stop_token>
#include <utility>

#include "server/api/answer.h"
#include "server/api/host_facts.h"

namespace perfrig::api {

RigApi::RigApi(runs::Runs& runs, Facts facts, Calibration calibrate)
    : runs_(runs), facts_(std::move(facts)), calibrate_(std::move(calibrate)) {}

grpc::ServerUnaryReactor* RigApi::GetStatus(
    grpc::CallbackServerContext* context, const v1::GetStatusRequest* request,
    v1::Status* response) {
  const runs::Runs::Status runs = runs_.status();
  v1::Status status = facts_();
  status.set_current_run(runs.current_run);
  status.set_runs_queued(static_cast<std::uint32_t>(runs.queued));
  status.set_queue_limit(static_cast<std::uint32_t>(runs.queue_limit));
  status.set_runs_kept(static_cast<std::uint32_t>(runs.kept));
  status.set_draining(runs.draining);
  status.set_resident_bytes(ResidentBytes());
  return Answer<v1::Status>(context, std::move(status), response);
}

grpc::ServerUnaryReactor* RigApi::Calibrate(
    grpc::CallbackServerContext* context, const v1::CalibrateRequest* request,
    v1::Calibration* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto answer =
      std::make_shared<PendingAnswer<v1::Calibration>>(reactor, response);
  const absl::Status queued =
      runs_.Exclusively([this, answer](const std::stop_token& stop) {
        absl::StatusOr<v1::Calibration> calibration = calibrate_(stop);
        if (absl::IsCancelled(calibration.status())) {
          calibration = absl::UnavailableError("the daemon is shutting down");
        }
        answer->Give(std::move(calibration));
      });
  if (!queued.ok()) answer->Give(queued);
  return reactor;
}

}  // namespace perfrig::api
