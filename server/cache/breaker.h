// Stops asking a service that fails, and tries again after a while.
//
//   const auto permit = breaker.Ask();
//   if (!permit) return Unavailable();
//   breaker.Record(*permit, Call().ok());
//
// Closed: everything is let through; opens when half of the last 20 calls have
// failed. Open: nothing, for a second. Half open: three probes; closes when all
// have succeeded, opens again with the first that fails.
#ifndef PERFRIG_SERVER_CACHE_BREAKER_H_
#define PERFRIG_SERVER_CACHE_BREAKER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/sync/mutex.h"
#include "common/time/clock.h"

namespace perfrig::cache {

struct BreakerOptions {
  // Calls that are looked back upon; it does not open before there are so many.
  std::size_t window = 20;
  // Share of failures among them that opens it.
  double failures = 0.5;
  Nanos open = kSecond;
  std::size_t probes = 3;
};

enum class BreakerState : std::uint8_t { kClosed, kOpen, kHalfOpen };

struct BreakerStatistics {
  BreakerState state = BreakerState::kClosed;
  std::uint64_t opened = 0;
  std::uint64_t refused = 0;
};

// Thread-safe.
class Breaker {
 public:
  // The state in which a call was let through: what it came to says nothing
  // about a later one.
  enum class Permit : std::uint64_t {};

  // `clock` outlives this.
  Breaker(const Clock& clock, const BreakerOptions& options);

  // None where the call is refused. Each permit goes to Record or Forget, once.
  std::optional<Permit> Ask();
  void Record(Permit permit, bool ok);
  // The call came to nothing that says anything: it was withdrawn.
  void Forget(Permit permit);

  // An open one whose time is over is half open.
  [[nodiscard]] BreakerStatistics statistics() const;

 private:
  void Enter(BreakerState state) PERFRIG_REQUIRES(mutex_);
  [[nodiscard]] bool IsOver() const PERFRIG_REQUIRES(mutex_);

  const Clock& clock_;
  const BreakerOptions options_;
  mutable Mutex mutex_;
  BreakerState state_ PERFRIG_GUARDED_BY(mutex_) = BreakerState::kClosed;
  // Counts states.
  std::uint64_t epoch_ PERFRIG_GUARDED_BY(mutex_) = 0;
  // Closed: whether each of the last calls failed, and where the next goes.
  std::vector<bool> failed_ PERFRIG_GUARDED_BY(mutex_);
  std::size_t next_ PERFRIG_GUARDED_BY(mutex_) = 0;
  std::size_t failures_ PERFRIG_GUARDED_BY(mutex_) = 0;
  // Open: until when.
  Nanos opens_until_ PERFRIG_GUARDED_BY(mutex_) = 0;
  // Half open: probes let through, and those that succeeded.
  std::size_t probes_ PERFRIG_GUARDED_BY(mutex_) = 0;
  std::size_t succeeded_ PERFRIG_GUARDED_BY(mutex_) = 0;
  std::uint64_t opened_ PERFRIG_GUARDED_BY(mutex_) = 0;
  std::uint64_t refused_ PERFRIG_GUARDED_BY(mutex_) = 0;
};

}  // namespace perfrig::cache

#endif  // PERFRIG_SERVER_CACHE_BREAKER_H_
