// The target that stands for a language model.
#ifndef PERFRIG_SERVER_TARGETS_ORCHESTRATOR_H_
#define PERFRIG_SERVER_TARGETS_ORCHESTRATOR_H_

#include <cstdint>
#include <string>

#include "common/sync/mutex.h"
#include "perfrig/target/v1/orchestrator.grpc.pb.h"
#include "server/targets/behavior/limits.h"
#include "server/targets/completions.h"
#include "server/targets/model_times.h"
#include "server/targets/script/stay.h"
#include "server/targets/script/task.h"
#include "server/targets/serve.h"
#include "server/targets/target.h"

namespace perfrig::targets {

// 100 ms a chat, 50 ms a tool.
class OrchestratorTarget final
    : public Target,
      public target::v1::Orchestrator::CallbackService {
 public:
  explicit OrchestratorTarget(const TargetSetup& setup);

  static TargetKind Kind();
  grpc::Service* service() override { return this; }

  grpc::ServerUnaryReactor* Chat(grpc::CallbackServerContext* context,
                                 const target::v1::ChatRequest* request,
                                 target::v1::ChatResponse* response) override;
  grpc::ServerWriteReactor<target::v1::ChatChunk>* ChatStream(
      grpc::CallbackServerContext* context,
      const target::v1::ChatRequest* request) override;
  grpc::ServerUnaryReactor* ExecuteTool(
      grpc::CallbackServerContext* context,
      const target::v1::ExecuteToolRequest* request,
      target::v1::ExecuteToolResponse* response) override;

  // What Chat does, for a target that stands before this one.
  Task<absl::Status> Answer(Stay& stay, const target::v1::ChatRequest& request,
                            target::v1::ChatResponse& response);

 private:
  using StreamCall = WriteCall<target::v1::ChatChunk>;
  // One chat in work.
  class Chatting;

  struct Counts {
    std::uint64_t chatting = 0;
    std::uint64_t prompt_tokens = 0;
    std::uint64_t completion_tokens = 0;
    std::uint64_t tool_calls = 0;
    std::uint64_t cancelled = 0;
    std::uint64_t over_budget = 0;

    [[nodiscard]] std::uint64_t tokens() const {
      return prompt_tokens + completion_tokens;
    }
  };

  void Configure(const v1::Behavior& behavior) override;
  void ClearState() override;
  void DescribeState(google::protobuf::Struct& state) override;
  void DescribeOwn(Since since, v1::TargetStatistics& statistics) override;

  // Goes on elsewhere where the chat is a long one.
  Task<absl::Status> BeforeReading(Stay& stay,
                                   const target::v1::ChatRequest& request);
  // RESOURCE_EXHAUSTED where the tenant's budget does not suffice.
  absl::Status Charge(const std::string& tenant, std::uint64_t tokens,
                      Nanos now);
  Task<absl::Status> Stream(StreamCall& call,
                            const target::v1::ChatRequest& request);
  Task<absl::Status> RunTool(Stay& stay,
                             const target::v1::ExecuteToolRequest& request,
                             target::v1::ExecuteToolResponse& response);

  Mutex mutex_;
  ModelTimes times_ PERFRIG_GUARDED_BY(mutex_);
  Nanos tool_delay_ PERFRIG_GUARDED_BY(mutex_) = 0;
  // No units: no limit.
  Budget budget_ PERFRIG_GUARDED_BY(mutex_);
  WindowBudgets budgets_ PERFRIG_GUARDED_BY(mutex_);
  // Since the last reset; and what was counted before it.
  Counts counts_ PERFRIG_GUARDED_BY(mutex_);
  std::uint64_t tokens_before_ PERFRIG_GUARDED_BY(mutex_) = 0;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_ORCHESTRATOR_H_
