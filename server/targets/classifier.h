// The target that stands for a classifier with an AI provider behind it.
#ifndef PERFRIG_SERVER_TARGETS_CLASSIFIER_H_
#define PERFRIG_SERVER_TARGETS_CLASSIFIER_H_

#include <cstdint>
#include <string>

#include "common/sync/mutex.h"
#include "perfrig/target/v1/classifier.grpc.pb.h"
#include "server/targets/behavior/limits.h"
#include "server/targets/script/stay.h"
#include "server/targets/script/task.h"
#include "server/targets/script/turns.h"
#include "server/targets/target.h"

namespace perfrig::targets {

// 320, 350, 500 and 515 ms at 0, 50, 95 and 100 %.
class ClassifierTarget final : public Target,
                               public target::v1::Classifier::CallbackService {
 public:
  explicit ClassifierTarget(const TargetSetup& setup);

  static TargetKind Kind();
  grpc::Service* service() override { return this; }

  grpc::ServerUnaryReactor* Classify(
      grpc::CallbackServerContext* context,
      const target::v1::ClassifyRequest* request,
      target::v1::ClassifyResponse* response) override;
  grpc::ServerUnaryReactor* Narrate(
      grpc::CallbackServerContext* context,
      const target::v1::NarrateRequest* request,
      target::v1::NarrateResponse* response) override;

 private:
  struct Counts {
    std::uint64_t answered = 0;
    std::uint64_t cancelled = 0;
    std::uint64_t failed = 0;
    std::uint64_t over_rate = 0;
  };

  void Configure(const v1::Behavior& behavior) override;
  void ClearState() override;
  void DescribeState(google::protobuf::Struct& state) override;
  void DescribeOwn(Since since, v1::TargetStatistics& statistics) override;

  // RESOURCE_EXHAUSTED where the tenant's rate does not allow a call now.
  absl::Status Admit(const std::string& tenant, Nanos now);
  // Waits for the provider; the rest is the caller's to fill in.
  template <class Request, class Response>
  Task<absl::Status> Ask(Stay& stay, const Request& request,
                         Response& response);
  Task<absl::Status> AskProvider(Stay& stay, double bytes);
  Task<absl::Status> Label(Stay& stay,
                           const target::v1::ClassifyRequest& request,
                           target::v1::ClassifyResponse& response);
  Task<absl::Status> Recount(Stay& stay,
                             const target::v1::NarrateRequest& request,
                             target::v1::NarrateResponse& response);

  // By tenant.
  Turns turns_;

  Mutex mutex_;
  Nanos slow_by_ PERFRIG_GUARDED_BY(mutex_) = 0;
  // 0 a second: no limit.
  Rate rate_ PERFRIG_GUARDED_BY(mutex_);
  RateLimits limits_ PERFRIG_GUARDED_BY(mutex_);
  // What became of calls to the provider, and those that did not get there.
  Counts counts_ PERFRIG_GUARDED_BY(mutex_);
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_CLASSIFIER_H_
