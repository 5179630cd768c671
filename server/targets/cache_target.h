// The target that stands for a cache in two tiers.
#ifndef PERFRIG_SERVER_TARGETS_CACHE_TARGET_H_
#define PERFRIG_SERVER_TARGETS_CACHE_TARGET_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/sync/mutex.h"
#include "common/time/clock.h"
#include "common/time/delay_queue.h"
#include "google/protobuf/struct.pb.h"
#include "perfrig/target/v1/cache.grpc.pb.h"
#include "server/cache/pending.h"
#include "server/cache/redis_address.h"
#include "server/cache/value.h"
#include "server/targets/cache_tiers.h"
#include "server/targets/script/answers.h"
#include "server/targets/script/stay.h"
#include "server/targets/script/task.h"
#include "server/targets/target.h"

namespace perfrig::targets {

// Without a delay of its own: what takes time is the second tier and what is
// computed.
class CacheTarget final : public Target,
                          public target::v1::Cache::CallbackService {
 public:
  // `redis`: the real second tier; none where that cannot be chosen.
  CacheTarget(const TargetSetup& setup,
              const std::optional<cache::RedisAddress>& redis);

  static TargetKind Kind();
  grpc::Service* service() override { return this; }

  grpc::ServerUnaryReactor* Get(
      grpc::CallbackServerContext* context,
      const target::v1::CacheGetRequest* request,
      target::v1::CacheGetResponse* response) override;
  grpc::ServerUnaryReactor* Put(
      grpc::CallbackServerContext* context,
      const target::v1::CachePutRequest* request,
      target::v1::CachePutResponse* response) override;
  grpc::ServerUnaryReactor* GetOrCompute(
      grpc::CallbackServerContext* context,
      const target::v1::GetOrComputeRequest* request,
      target::v1::GetOrComputeResponse* response) override;
  grpc::ServerUnaryReactor* Invalidate(
      grpc::CallbackServerContext* context,
      const target::v1::InvalidateCacheRequest* request,
      target::v1::InvalidateCacheResponse* response) override;
  grpc::ServerUnaryReactor* Stats(
      grpc::CallbackServerContext* context,
      const target::v1::CacheStatsRequest* request,
      target::v1::CacheStatsResponse* response) override;

 private:
  using FoundOr = absl::StatusOr<cache::Found>;

  // What calls found.
  struct Counts {
    std::uint64_t first_tier_hits = 0;
    std::uint64_t second_tier_hits = 0;
    std::uint64_t misses = 0;
    std::uint64_t computed = 0;
    std::uint64_t shared = 0;
  };

  void Configure(const v1::Behavior& behavior) override;
  void CheckOptions(const v1::Behavior& behavior,
                    std::vector<FieldProblem>& problems) const override;
  void ClearState() override;
  void DescribeState(google::protobuf::Struct& state) override;
  void DescribeOwn(Since since, v1::TargetStatistics& statistics) override;
  void Close() override;

  Task<absl::Status> Find(Stay& stay,
                          const target::v1::CacheGetRequest& request,
                          target::v1::CacheGetResponse& response);
  Task<absl::Status> Keep(Stay& stay,
                          const target::v1::CachePutRequest& request);
  Task<absl::Status> FindOrCompute(
      Stay& stay, const target::v1::GetOrComputeRequest& request,
      target::v1::GetOrComputeResponse& response);
  Task<absl::Status> Forget(Stay& stay,
                            const target::v1::InvalidateCacheRequest& request);
  // To be run with what is to be answered.
  template <class T>
  using Question = std::function<void(const cache::PendingPtr<T>& pending)>;
  // What `question` is answered with.
  template <class T>
  Task<T> Ask(Stay& stay, Question<T> question);

  // Goes on elsewhere where the value is a large one.
  Task<absl::Status> BeforeCopying(Stay& stay, const std::string& value);

  // Begins now, and is answered when the delay is over.
  void Compute(const std::string& key, std::size_t bytes,
               const cache::PendingPtr<absl::StatusOr<cache::Value>>& computed);
  // `computes`: for itself.
  void Count(cache::Source source, bool computes);

  [[nodiscard]] Counts CountsOf(Since since) const;
  [[nodiscard]] target::v1::CacheStatsResponse Statistics() const;

  const Clock& clock_;
  DelayQueue& delays_;
  // Outlives the tiers, which answer until they have ended.
  Answers answers_;
  CacheTiers tiers_;
  std::atomic<Nanos> ttl_ = 0;
  std::atomic<Nanos> compute_delay_ = 0;

  mutable Mutex mutex_;
  Counts counts_ PERFRIG_GUARDED_BY(mutex_);
  Counts counts_at_reset_ PERFRIG_GUARDED_BY(mutex_);
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_CACHE_TARGET_H_
