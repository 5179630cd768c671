// Two tiers as one cache: values in memory over a slower store that several
// caches may share, with everything that keeps the slow one from doing harm.
//
//   const auto cache = Cache::Create({}, {.clock = clock, .delays = delays,
//                                         .tier = &redis});
//   cache->GetOrCompute(
//       "user/7", 60 * kSecond,
//       [](const PendingPtr<absl::StatusOr<Value>>& computed) {
//         Load(7, [computed](std::string user) {
//           computed->Answer(MakeValue(std::move(user)));
//         });
//       },
//       MakePending<absl::StatusOr<Found>>([](auto found) { … }));
//
// What the first tier holds is answered at once, on the caller's thread; the
// rest later, on others. Nothing blocks. A second tier that fails is as good as
// empty, and after some failures it is not asked for a while; a damaged value
// counts as absent.
#ifndef PERFRIG_SERVER_CACHE_CACHE_H_
#define PERFRIG_SERVER_CACHE_CACHE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "common/time/delay_queue.h"
#include "server/cache/guarded_tier.h"
#include "server/cache/keyring.h"
#include "server/cache/lru.h"
#include "server/cache/pending.h"
#include "server/cache/second_tier.h"
#include "server/cache/single_flight.h"
#include "server/cache/value.h"

namespace perfrig::cache {

struct CacheOptions {
  LruOptions first_tier = {};
  GuardedTierOptions second_tier = {};
  // A key has 1 to this many bytes.
  std::size_t max_key_bytes = 1'024;
  std::size_t max_value_bytes = std::size_t{16} << 20;
  // Callers of GetOrCompute that wait at once.
  std::size_t max_waiting = 100'000;
};

// All outlive the cache and its operations.
struct CacheParts {
  const Clock& clock;
  DelayQueue& delays;
  // Null: the first tier alone.
  SecondTier* tier = nullptr;
  // Null: values lie in the second tier as they are.
  Keyring* keyring = nullptr;
};

struct CacheStatistics {
  // What Gets and GetOrComputes found; those that shared another's computation
  // count in `flights` instead.
  std::uint64_t first_tier_hits = 0;
  std::uint64_t second_tier_hits = 0;
  std::uint64_t misses = 0;
  // By callers.
  std::uint64_t puts = 0;
  std::uint64_t invalidations = 0;
  LruStatistics first_tier;
  SingleFlightStatistics flights;
  // Where there is one.
  std::optional<GuardedTierStatistics> second_tier;
};

// Thread-safe.
class Cache : public std::enable_shared_from_this<Cache> {
 public:
  using Caller = PendingPtr<absl::StatusOr<Found>>;
  // Answers once, with a value that is not null, at once or later, on any
  // thread.
  using Compute =
      std::function<void(const PendingPtr<absl::StatusOr<Value>>& computed)>;

  // Shared, since operations under way keep it.
  static std::shared_ptr<Cache> Create(const CacheOptions& options,
                                       const CacheParts& parts);

  // Each of these gives INVALID_ARGUMENT where the key or the value has a wrong
  // size, and RESOURCE_EXHAUSTED or DEADLINE_EXCEEDED where the second tier is
  // too busy.

  void Get(std::string_view key, const Caller& caller);

  // The first tier has it when this returns. Answers when the second one has
  // it, too, or UNAVAILABLE where that fails: then it may still hold an older
  // value, until that one's time is over.
  void Put(std::string_view key, const Value& value, Nanos ttl,
           const PendingPtr<absl::Status>& pending);

  // One computation at a time for each key, whose result is kept for `ttl` and
  // goes to all who wait; an error is kept by nobody. Where it is in no tier,
  // and `compute` of the first caller is run, it is withdrawn once all callers
  // have been. What is put or invalidated meanwhile is newer than its result.
  void GetOrCompute(std::string_view key, Nanos ttl, const Compute& compute,
                    const Caller& caller);

  // Answers when it is in no tier; UNAVAILABLE where the second one may still
  // hold it.
  void Invalidate(std::string_view key,
                  const PendingPtr<absl::Status>& pending);

  // Empties the first tier.
  void Clear();

  [[nodiscard]] CacheStatistics statistics() const;

 private:
  Cache(const CacheOptions& options, const CacheParts& parts);

  [[nodiscard]] absl::Status CheckKey(std::string_view key) const;
  // From the second tier, filling the first.
  void Fetch(const std::string& key, std::uint64_t epoch, const Caller& caller);
  // What one computation does for all its callers.
  void Fly(const std::string& key, Nanos ttl, const Compute& compute,
           const Caller& computing);
  // In both tiers, unless there is something newer.
  absl::StatusOr<Found> Keep(const std::string& key, Nanos ttl,
                             std::uint64_t epoch,
                             const absl::StatusOr<Value>& computed);

  const CacheOptions options_;
  Lru first_;
  SingleFlight flights_;
  // May be null.
  const std::shared_ptr<GuardedTier> second_;
  std::atomic<std::uint64_t> first_tier_hits_ = 0;
  std::atomic<std::uint64_t> second_tier_hits_ = 0;
  std::atomic<std::uint64_t> misses_ = 0;
  std::atomic<std::uint64_t> puts_ = 0;
  std::atomic<std::uint64_t> invalidations_ = 0;
};

}  // namespace perfrig::cache

#endif  // PERFRIG_SERVER_CACHE_CACHE_H_
