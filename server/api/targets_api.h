// perfrig.v1.Targets over the daemon's mock targets.
#ifndef PERFRIG_SERVER_API_TARGETS_API_H_
#define PERFRIG_SERVER_API_TARGETS_API_H_

#include "common/time/clock.h"
#include "common/time/delay_queue.h"
#include "perfrig/v1/target.grpc.pb.h"
#include "server/targets/host.h"

namespace perfrig::api {

class TargetsApi final : public v1::Targets::CallbackService {
 public:
  // The arguments outlive this; `delays` times WatchTarget.
  TargetsApi(targets::Host& host, Clock& clock, DelayQueue& delays)
      : host_(host), clock_(clock), delays_(delays) {}

  grpc::ServerUnaryReactor* ListTargets(
      grpc::CallbackServerContext* context,
      const v1::ListTargetsRequest* request,
      v1::ListTargetsResponse* response) override;
  grpc::ServerUnaryReactor* GetTarget(grpc::CallbackServerContext* context,
                                      const v1::GetTargetRequest* request,
                                      v1::Target* response) override;
  grpc::ServerUnaryReactor* UpdateBehavior(
      grpc::CallbackServerContext* context,
      const v1::UpdateBehaviorRequest* request, v1::Target* response) override;
  grpc::ServerUnaryReactor* ResetTarget(grpc::CallbackServerContext* context,
                                        const v1::ResetTargetRequest* request,
                                        v1::Target* response) override;
  grpc::ServerWriteReactor<v1::Target>* WatchTarget(
      grpc::CallbackServerContext* context,
      const v1::WatchTargetRequest* request) override;

 private:
  targets::Host& host_;
  Clock& clock_;
  DelayQueue& delays_;
};

}  // namespace perfrig::api

#endif  // PERFRIG_SERVER_API_TARGETS_API_H_
