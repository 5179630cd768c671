// A daemon whose answers the test writes beforehand.
#ifndef PERFRIG_TESTS_UNIT_CLIENT_COMMANDS_FAKE_DAEMON_H_
#define PERFRIG_TESTS_UNIT_CLIENT_COMMANDS_FAKE_DAEMON_H_

#include <grpcpp/server.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "common/sync/mutex.h"
#include "perfrig/v1/run.grpc.pb.h"
#include "perfrig/v1/suite.grpc.pb.h"
#include "perfrig/v1/target.grpc.pb.h"

namespace perfrig {

// What one stream of events does.
struct StreamScript {
  std::vector<v1::RunEvent> events;
  // After the events: wait until somebody cancels the run (`finished` follows
  // with the verdict CANCELLED) or the stream, …
  bool wait_for_cancel = false;
  // … then end with this.
  grpc::Status status = grpc::Status::OK;
};

class FakeDaemon final : public v1::Runs::Service,
                         public v1::Suites::Service,
                         public v1::Targets::Service {
 public:
  // Serves on a free port of the loopback interface.
  FakeDaemon();
  ~FakeDaemon() override;

  [[nodiscard]] std::string address() const;

  // Streams in the order in which they are opened, whichever call opens them.
  void Script(StreamScript script);
  // What StartRun, RunSuite and GetRun, … answer instead of working.
  void Refuse(grpc::Status status);
  void SetRun(v1::Run run);
  void SetSuites(v1::ListSuitesResponse suites);
  void SetProblems(v1::CheckSuiteResponse problems);
  void SetTargets(v1::ListTargetsResponse targets);
  // The behavior of this target cannot be updated.
  void RefuseTarget(std::string name);

  // What came.
  std::vector<v1::StartRunRequest> started();
  std::vector<v1::StartRunRequest> planned();
  std::vector<v1::WatchRunRequest> watched();
  std::vector<v1::CancelRunRequest> cancelled();
  std::vector<v1::CheckSuiteRequest> checked();
  std::vector<v1::UpdateBehaviorRequest> updated();

  grpc::Status StartRun(grpc::ServerContext* context,
                        const v1::StartRunRequest* request,
                        v1::Run* response) override;
  grpc::Status RunSuite(grpc::ServerContext* context,
                        const v1::StartRunRequest* request,
                        grpc::ServerWriter<v1::RunEvent>* writer) override;
  grpc::Status WatchRun(grpc::ServerContext* context,
                        const v1::WatchRunRequest* request,
                        grpc::ServerWriter<v1::RunEvent>* writer) override;
  // SetRun's run.
  grpc::Status PlanRun(grpc::ServerContext* context,
                       const v1::StartRunRequest* request,
                       v1::Run* response) override;
  grpc::Status CancelRun(grpc::ServerContext* context,
                         const v1::CancelRunRequest* request,
                         v1::Run* response) override;
  grpc::Status GetRun(grpc::ServerContext* context,
                      const v1::GetRunRequest* request,
                      v1::Run* response) override;
  grpc::Status ListSuites(grpc::ServerContext* context,
                          const v1::ListSuitesRequest* request,
                          v1::ListSuitesResponse* response) override;
  grpc::Status CheckSuite(grpc::ServerContext* context,
                          const v1::CheckSuiteRequest* request,
                          v1::CheckSuiteResponse* response) override;
  grpc::Status ListTargets(grpc::ServerContext* context,
                           const v1::ListTargetsRequest* request,
                           v1::ListTargetsResponse* response) override;
  grpc::Status UpdateBehavior(grpc::ServerContext* context,
                              const v1::UpdateBehaviorRequest* request,
                              v1::Target* response) override;

 private:
  grpc::Status Play(grpc::ServerContext& context,
                    grpc::ServerWriter<v1::RunEvent>& writer);
  // False if the stream was broken first.
  bool WaitForCancel(grpc::ServerContext& context);

  Mutex mutex_;
  CondVar changed_;
  std::deque<StreamScript> scripts_ PERFRIG_GUARDED_BY(mutex_);
  grpc::Status refusal_ PERFRIG_GUARDED_BY(mutex_);
  v1::Run run_ PERFRIG_GUARDED_BY(mutex_);
  v1::ListSuitesResponse suites_ PERFRIG_GUARDED_BY(mutex_);
  v1::CheckSuiteResponse problems_ PERFRIG_GUARDED_BY(mutex_);
  v1::ListTargetsResponse targets_ PERFRIG_GUARDED_BY(mutex_);
  std::string refused_target_ PERFRIG_GUARDED_BY(mutex_);
  std::vector<v1::StartRunRequest> started_ PERFRIG_GUARDED_BY(mutex_);
  std::vector<v1::StartRunRequest> planned_ PERFRIG_GUARDED_BY(mutex_);
  std::vector<v1::WatchRunRequest> watched_ PERFRIG_GUARDED_BY(mutex_);
  std::vector<v1::CancelRunRequest> cancelled_ PERFRIG_GUARDED_BY(mutex_);
  std::vector<v1::CheckSuiteRequest> checked_ PERFRIG_GUARDED_BY(mutex_);
  std::vector<v1::UpdateBehaviorRequest> updated_ PERFRIG_GUARDED_BY(mutex_);
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace perfrig

#endif  // PERFRIG_TESTS_UNIT_CLIENT_COMMANDS_FAKE_DAEMON_H_
