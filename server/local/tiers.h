// Second tiers for calls within this process: none, one in memory that takes a
// while, or a real Redis; and faults before it.
#ifndef PERFRIG_SERVER_LOCAL_TIERS_H_
#define PERFRIG_SERVER_LOCAL_TIERS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "common/time/delay_queue.h"
#include "server/cache/mock_tier.h"
#include "server/cache/redis_address.h"
#include "server/cache/redis_tier.h"
#include "server/cache/second_tier.h"
#include "server/local/options.h"

namespace perfrig::local {

// What local functions need of the daemon; all outlives them.
struct LocalParts {
  const Clock& clock;
  DelayQueue& delays;
  // Where there is one.
  std::optional<cache::RedisAddress> redis = {};
};

// Fails some of the operations of a tier: those after the first `after`, so
// many in a row.
class FaultyTier final : public cache::SecondTier {
 public:
  // `tier` outlives this.
  FaultyTier(cache::SecondTier& tier, std::uint64_t after, std::uint64_t count)
      : tier_(tier), after_(after), count_(count) {}

  void Get(std::string key, Nanos deadline,
           cache::PendingPtr<absl::StatusOr<cache::Value>> pending) override;
  void Put(std::string key, cache::Value value, Nanos ttl, Nanos deadline,
           cache::PendingPtr<absl::Status> pending) override;
  void Delete(std::string key, Nanos deadline,
              cache::PendingPtr<absl::Status> pending) override;

 private:
  bool Fails();

  cache::SecondTier& tier_;
  const std::uint64_t after_;
  const std::uint64_t count_;
  std::atomic<std::uint64_t> operations_ = 0;
};

enum class TierKind { kNone, kMemory, kRedis };

struct TierSettings {
  TierKind kind = TierKind::kNone;
  // Of one in memory. Values that it has no room for it loses.
  Nanos delay = 0;
  std::size_t bytes = 0;
};

// As `second_tier` (none, memory, redis), `second_tier_delay` and
// `second_tier_bytes` say.
TierSettings ReadTier(Options& options, TierKind otherwise);

// A tier with what it stands on.
class OwnTier {
 public:
  // FAILED_PRECONDITION where the daemon has no Redis and one is asked for.
  static absl::StatusOr<std::unique_ptr<OwnTier>> Create(
      const LocalParts& parts, const TierSettings& settings);
  // Ends what is under way.
  ~OwnTier();

  OwnTier(const OwnTier&) = delete;
  OwnTier& operator=(const OwnTier&) = delete;

  // Null where there is none.
  [[nodiscard]] cache::SecondTier* get() const;
  // Goes before keys, so that no two share what lies in Redis.
  [[nodiscard]] const std::string& prefix() const { return prefix_; }

 private:
  explicit OwnTier(std::string prefix) : prefix_(std::move(prefix)) {}

  const std::string prefix_;
  std::unique_ptr<cache::MockTier> memory_;
  std::unique_ptr<cache::RedisTier> redis_;
};

// How long values lie in Redis, which nobody clears after a test.
inline constexpr Nanos kLocalTtl = 60 * kSecond;

}  // namespace perfrig::local

#endif  // PERFRIG_SERVER_LOCAL_TIERS_H_
