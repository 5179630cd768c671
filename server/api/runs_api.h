// perfrig.v1.Runs over runs::Runs.
#ifndef PERFRIG_SERVER_API_RUNS_API_H_
#define PERFRIG_SERVER_API_RUNS_API_H_

#include "common/sync/workers.h"
#include "perfrig/v1/run.grpc.pb.h"
#include "server/runs/runs.h"

namespace perfrig::api {

class RunsApi final : public v1::Runs::CallbackService {
 public:
  // The arguments outlive this.
  RunsApi(runs::Runs& runs, Workers& workers)
      : runs_(runs), workers_(workers) {}

  grpc::ServerUnaryReactor* StartRun(grpc::CallbackServerContext* context,
                                     const v1::StartRunRequest* request,
                                     v1::Run* response) override;
  grpc::ServerWriteReactor<v1::RunEvent>* WatchRun(
      grpc::CallbackServerContext* context,
      const v1::WatchRunRequest* request) override;
  grpc::ServerWriteReactor<v1::RunEvent>* RunSuite(
      grpc::CallbackServerContext* context,
      const v1::StartRunRequest* request) override;
  grpc::ServerUnaryReactor* CancelRun(grpc::CallbackServerContext* context,
                                      const v1::CancelRunRequest* request,
                                      v1::Run* response) override;
  grpc::ServerUnaryReactor* GetRun(grpc::CallbackServerContext* context,
                                   const v1::GetRunRequest* request,
                                   v1::Run* response) override;
  grpc::ServerUnaryReactor* ListRuns(grpc::CallbackServerContext* context,
                                     const v1::ListRunsRequest* request,
                                     v1::ListRunsResponse* response) override;

  grpc::ServerUnaryReactor* PlanRun(grpc::CallbackServerContext* context,
                                    const v1::StartRunRequest* request,
                                    v1::Run* response) override;

 private:
  runs::Runs& runs_;
  Workers& workers_;
};

}  // namespace perfrig::api

#endif  // PERFRIG_SERVER_API_RUNS_API_H_
