// The target that stands for the front of a chat service.
#ifndef PERFRIG_SERVER_TARGETS_GATEWAY_H_
#define PERFRIG_SERVER_TARGETS_GATEWAY_H_

#include <string>

#include "common/sync/mutex.h"
#include "perfrig/target/v1/gateway.grpc.pb.h"
#include "server/targets/database.h"
#include "server/targets/gateway_session.h"
#include "server/targets/orchestrator.h"
#include "server/targets/script/stay.h"
#include "server/targets/script/task.h"
#include "server/targets/serve.h"
#include "server/targets/target.h"

namespace perfrig::targets {

// Without a delay of its own: a message takes the database's and the model's.
class GatewayTarget final : public Target,
                            public target::v1::Gateway::CallbackService {
 public:
  // Both outlive this.
  GatewayTarget(const TargetSetup& setup, DatabaseTarget& database,
                OrchestratorTarget& model);

  static TargetKind Kind();
  grpc::Service* service() override { return this; }

  grpc::ServerBidiReactor<target::v1::SendMessageRequest,
                          target::v1::SessionResponse>*
  Session(grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* SendMessage(
      grpc::CallbackServerContext* context,
      const target::v1::SendMessageRequest* request,
      target::v1::SendMessageResponse* response) override;

 private:
  using Call =
      SessionCall<target::v1::SendMessageRequest, target::v1::SessionResponse>;

  void Configure(const v1::Behavior& behavior) override;
  void ClearState() override;
  void DescribeState(google::protobuf::Struct& state) override;
  void DescribeOwn(Since since, v1::TargetStatistics& statistics) override;

  Task<absl::Status> Answer(Stay& stay,
                            const target::v1::SendMessageRequest& request,
                            target::v1::SendMessageResponse& response);
  // After it was parsed and the gateway's own delay.
  Task<absl::Status> Reply(Stay& stay,
                           const target::v1::SendMessageRequest& request,
                           const std::string& prompt,
                           target::v1::SendMessageResponse& response);
  absl::Status Authorize(const std::string& user);
  // What stands behind it.
  Task<absl::Status> LookUp(Stay& stay, const std::string& user);
  Task<absl::Status> Ask(Stay& stay, const std::string& tenant,
                         const std::string& prompt,
                         target::v1::SendMessageResponse& response);

  // A session from beginning to end, and what is in between.
  Task<absl::Status> Hold(Call& call);
  Task<absl::Status> Talk(Call& call, OpenSession& session);
  // Fills in an answer or a failure.
  Task<absl::Status> Respond(Call& call, OpenSession& session);
  Task<absl::Status> Send(Call& call, OpenSession& session);

  DatabaseTarget& database_;
  OrchestratorTarget& model_;
  Sessions sessions_;

  mutable Mutex mutex_;
  std::string denied_users_ PERFRIG_GUARDED_BY(mutex_);
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_GATEWAY_H_
