// perfrig.v1.Rig: is the daemon well, and what can its host measure.
#ifndef PERFRIG_SERVER_API_RIG_API_H_
#define PERFRIG_SERVER_API_RIG_API_H_

#include <functional>
#include <stop_token>

#include "absl/status/statusor.h"
#include "perfrig/v1/rig.grpc.pb.h"
#include "server/runs/runs.h"

namespace perfrig::api {

class RigApi final : public v1::Rig::CallbackService {
 public:
  // Measures; blocks for about 10 s, unless it is told to stop.
  using Calibration =
      std::function<absl::StatusOr<v1::Calibration>(const std::stop_token&)>;

  // Fields of the status that do not change once the daemon serves.
  using Facts = std::function<v1::Status()>;

  // `runs`, and what the functions need, outlive this.
  RigApi(runs::Runs& runs, Facts facts, Calibration calibrate);

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const v1::GetStatusRequest* request,
                                      v1::Status* response) override;
  grpc::ServerUnaryReactor* Calibrate(grpc::CallbackServerContext* context,
                                      const v1::CalibrateRequest* request,
                                      v1::Calibration* response) override;

 private:
  runs::Runs& runs_;
  const Facts facts_;
  const Calibration calibrate_;
};

}  // namespace perfrig::api

#endif  // PERFRIG_SERVER_API_RIG_API_H_
