// A timeout that follows what calls take.
//
//   const Nanos deadline = clock.Now() + timeout.Now();
//   …
//   timeout.Record(took);
//
// A multiple of a high quantile of the last calls, between a floor and a
// ceiling. A call that ran into its timeout is recorded like any other, with
// the time that it waited, so that the timeout grows when a service has become
// slower for good.
#ifndef PERFRIG_SERVER_CACHE_ADAPTIVE_TIMEOUT_H_
#define PERFRIG_SERVER_CACHE_ADAPTIVE_TIMEOUT_H_

#include <atomic>
#include <cstddef>
#include <vector>

#include "common/sync/mutex.h"
#include "common/time/clock.h"

namespace perfrig::cache {

struct AdaptiveTimeoutOptions {
  // False: always the ceiling.
  bool follows = true;
  Nanos floor = 10 * kMillisecond;
  Nanos ceiling = kSecond;
  double quantile = 0.99;
  double factor = 3;
  // Calls that are looked back upon.
  std::size_t window = 128;
};

// Thread-safe.
class AdaptiveTimeout {
 public:
  explicit AdaptiveTimeout(const AdaptiveTimeoutOptions& options);

  // The ceiling, until there are some calls to follow.
  [[nodiscard]] Nanos Now() const {
    return now_.load(std::memory_order_relaxed);
  }
  void Record(Nanos took);

 private:
  // Takes a few calls to see anything; no more often than it is worth.
  static constexpr std::size_t kEvery = 8;

  [[nodiscard]] Nanos Compute() PERFRIG_REQUIRES(mutex_);

  const AdaptiveTimeoutOptions options_;
  std::atomic<Nanos> now_;
  Mutex mutex_;
  std::vector<Nanos> last_ PERFRIG_GUARDED_BY(mutex_);
  std::vector<Nanos> sorted_ PERFRIG_GUARDED_BY(mutex_);
  std::size_t recorded_ PERFRIG_GUARDED_BY(mutex_) = 0;
};

}  // namespace perfrig::cache

#endif  // PERFRIG_SERVER_CACHE_ADAPTIVE_TIMEOUT_H_
