// The way to a second tier that may be slow, damaged or dead: backpressure,
// breaker, adaptive timeout, and the envelope around each value.
#ifndef PERFRIG_SERVER_CACHE_GUARDED_TIER_H_
#define PERFRIG_SERVER_CACHE_GUARDED_TIER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "common/time/delay_queue.h"
#include "server/cache/adaptive_timeout.h"
#include "server/cache/backpressure.h"
#include "server/cache/breaker.h"
#include "server/cache/keyring.h"
#include "server/cache/pending.h"
#include "server/cache/second_tier.h"
#include "server/cache/value.h"

namespace perfrig::cache {

struct GuardedTierOptions {
  BreakerOptions breaker = {};
  BackpressureOptions backpressure = {};
  AdaptiveTimeoutOptions timeout = {};
  // Goes before each key in the tier: those who share one and differ in it see
  // nothing of each other's.
  std::string prefix = {};
};

struct GuardedTierStatistics {
  // Operations that the tier was asked for, and those of them that failed.
  std::uint64_t operations = 0;
  std::uint64_t failures = 0;
  // Of the failures: not answered in time.
  std::uint64_t timeouts = 0;
  // Operations that it was not asked for, since the breaker was open.
  std::uint64_t skipped = 0;
  // Values that could not be opened.
  std::uint64_t damaged = 0;
  // Of the next operation.
  Nanos timeout = 0;
  BreakerStatistics breaker;
  BackpressureStatistics backpressure;
};

// Thread-safe.
class GuardedTier : public std::enable_shared_from_this<GuardedTier> {
 public:
  struct Kept {
    // Null where there is none, or a damaged one.
    Value value = {};
    // From now; kNever: it does not end.
    Nanos ttl = kNever;
  };

  // All outlive this; `keyring` may be null. Shared, since operations under way
  // keep it.
  static std::shared_ptr<GuardedTier> Create(const Clock& clock,
                                             DelayQueue& delays,
                                             SecondTier& tier, Keyring* keyring,
                                             const GuardedTierOptions& options);

  // As those of SecondTier, but also
  // RESOURCE_EXHAUSTED or DEADLINE_EXCEEDED: held back, where too many are
  // under way already; UNAVAILABLE: the tier failed, or the breaker is open.
  void Get(std::string key, const PendingPtr<absl::StatusOr<Kept>>& pending);
  void Put(std::string key, const Value& value, Nanos ttl,
           const PendingPtr<absl::Status>& pending);
  void Delete(std::string key, const PendingPtr<absl::Status>& pending);

  [[nodiscard]] GuardedTierStatistics statistics() const;

 private:
  GuardedTier(const Clock& clock, DelayQueue& delays, SecondTier& tier,
              Keyring* keyring, const GuardedTierOptions& options);

  // Runs `start` when it is its turn, with a deadline and what to answer.
  template <class T>
  void Run(std::function<void(Nanos, PendingPtr<T>)> start,
           const PendingPtr<T>& pending);
  template <class T>
  void Start(const std::function<void(Nanos, PendingPtr<T>)>& start,
             const PendingPtr<T>& pending);
  // The breaker is.
  [[nodiscard]] bool IsOpen() const;
  // What an operation ends with that is not asked for.
  absl::Status Skip();
  // Its time and outcome; what the caller is told.
  absl::Status Finish(Breaker::Permit permit, Nanos began,
                      const absl::Status& status);
  [[nodiscard]] absl::StatusOr<Kept> Unwrapped(const std::string& key,
                                               const Value& bytes);

  const Clock& clock_;
  DelayQueue& delays_;
  SecondTier& tier_;
  const std::string prefix_;
  Keyring* const keyring_;
  Breaker breaker_;
  Backpressure backpressure_;
  AdaptiveTimeout timeout_;
  std::atomic<std::uint64_t> operations_ = 0;
  std::atomic<std::uint64_t> failures_ = 0;
  std::atomic<std::uint64_t> timeouts_ = 0;
  std::atomic<std::uint64_t> skipped_ = 0;
  std::atomic<std::uint64_t> damaged_ = 0;
};

}  // namespace perfrig::cache

#endif  // PERFRIG_SERVER_CACHE_GUARDED_TIER_H_
