// What the Cache target is in front of its calls: the cache in force, and the
// tiers that each one is made of.
#ifndef PERFRIG_SERVER_TARGETS_CACHE_TIERS_H_
#define PERFRIG_SERVER_TARGETS_CACHE_TIERS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "common/sync/mutex.h"
#include "common/time/clock.h"
#include "common/time/delay_queue.h"
#include "google/protobuf/struct.pb.h"
#include "perfrig/target/v1/cache.pb.h"
#include "perfrig/v1/options.pb.h"
#include "server/cache/cache.h"
#include "server/cache/keyring.h"
#include "server/cache/mock_tier.h"
#include "server/cache/redis_address.h"
#include "server/cache/redis_tier.h"
#include "server/cache/second_tier.h"
#include "server/targets/behavior/statistics.h"
#include "server/targets/script/elsewhere.h"

namespace perfrig::targets {

// Thread-safe.
class CacheTiers {
 public:
  // Calls go on with the one that they began with.
  struct InForce {
    std::shared_ptr<cache::Cache> cache;
    // What a call waits for that the first tier does not answer.
    Phase beyond = Phase::kCache;
  };

  // The first three outlive this; closed before `delays` ends. `observer` is
  // the simulated second tier's; `redis`: the real one, where there is one.
  CacheTiers(const Clock& clock, DelayQueue& delays, Elsewhere& elsewhere,
             cache::MockTier::Observer observer,
             const std::optional<cache::RedisAddress>& redis);

  // Another cache, with an empty first tier, where it would be made of
  // something else; what the second tier has stays. Where only `seed` is
  // another, that is empty too.
  void Configure(const v1::CacheOptions& options, std::uint64_t seed);
  // Another one that is empty, in both tiers.
  void Clear();
  // Ends all that is under way in the second tier; not on one of its threads.
  void Close();

  // After the first Configure.
  [[nodiscard]] InForce in_force() const;
  [[nodiscard]] bool has_redis() const { return redis_ != nullptr; }

  // All but what calls found.
  [[nodiscard]] target::v1::CacheStatsResponse Statistics() const;
  void Describe(google::protobuf::Struct& state) const;

 private:
  // What a cache is made of.
  struct Design {
    std::uint64_t first_tier_bytes = 0;
    bool second_tier = false;
    bool real = false;
    bool encrypt = false;
    std::uint32_t concurrency = 0;
    bool adaptive_timeout = false;
    std::uint64_t seed = 0;

    bool operator==(const Design&) const = default;
  };

  void Make() PERFRIG_REQUIRES(mutex_);

  const Clock& clock_;
  DelayQueue& delays_;
  // Its key is this process's alone.
  const std::unique_ptr<cache::Keyring> keyring_;
  // Before each key in the second tier, with the number of times that it was
  // emptied: nobody else's, and not that of anything older.
  const std::string space_;

  mutable Mutex mutex_;
  Design design_ PERFRIG_GUARDED_BY(mutex_);
  std::uint64_t emptied_ PERFRIG_GUARDED_BY(mutex_) = 0;
  InForce in_force_ PERFRIG_GUARDED_BY(mutex_);
  // Of the cache in force: none, the simulated one or Redis.
  cache::SecondTier* tier_ PERFRIG_GUARDED_BY(mutex_) = nullptr;

  // Last, since they answer until they have ended.
  cache::MockTier mock_;
  const std::unique_ptr<cache::RedisTier> redis_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_CACHE_TIERS_H_
