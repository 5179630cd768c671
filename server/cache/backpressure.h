// Lets so many in at once, and so many wait for so long: the rest is refused.
//
//   backpressure.Enter(MakePending<absl::Status>([&](absl::Status admitted) {
//     if (!admitted.ok()) return Refuse(admitted);
//     …
//     backpressure.Leave();
//   }));
#ifndef PERFRIG_SERVER_CACHE_BACKPRESSURE_H_
#define PERFRIG_SERVER_CACHE_BACKPRESSURE_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>

#include "absl/status/status.h"
#include "common/sync/mutex.h"
#include "common/time/clock.h"
#include "common/time/delay_queue.h"
#include "server/cache/pending.h"

namespace perfrig::cache {

struct BackpressureOptions {
  std::size_t max_in_flight = 64;
  std::size_t max_waiting = 1'000;
  Nanos max_wait = 100 * kMillisecond;
};

struct BackpressureStatistics {
  // Now.
  std::size_t in_flight = 0;
  std::size_t waiting = 0;
  // Those who had to wait, and how long all of them have; refused ones
  // included.
  std::uint64_t waited = 0;
  Nanos waited_for = 0;
  // Since too many waited.
  std::uint64_t refused = 0;
  // Since they waited too long.
  std::uint64_t expired = 0;
};

// Thread-safe; first come, first served.
class Backpressure {
 public:
  // Both outlive this, which outlives those who wait.
  Backpressure(const Clock& clock, DelayQueue& delays,
               const BackpressureOptions& options);

  // Calls back with OK, at once or when its turn comes; then it is in until
  // Leave. RESOURCE_EXHAUSTED at once where too many wait, DEADLINE_EXCEEDED
  // after the longest wait.
  void Enter(const PendingPtr<absl::Status>& pending);
  // The next one that waits is called back, on this thread.
  void Leave();

  [[nodiscard]] BackpressureStatistics statistics() const;

 private:
  struct Waiter {
    PendingPtr<absl::Status> pending;
    Nanos since = 0;
    DelayQueue::Handle timer = 0;
    // Where it waits; once it does not, the end.
    std::list<std::shared_ptr<Waiter>>::iterator place;
    bool waits = true;
  };

  // Whose turn it is; null if nobody waits or there is no room.
  std::shared_ptr<Waiter> Next();
  // False if it did not wait any more.
  bool Remove(Waiter& waiter, bool expired);
  void Unlist(Waiter& waiter) PERFRIG_REQUIRES(mutex_);

  const Clock& clock_;
  DelayQueue& delays_;
  const BackpressureOptions options_;
  mutable Mutex mutex_;
  std::list<std::shared_ptr<Waiter>> waiting_ PERFRIG_GUARDED_BY(mutex_);
  BackpressureStatistics statistics_ PERFRIG_GUARDED_BY(mutex_);
};

}  // namespace perfrig::cache

#endif  // PERFRIG_SERVER_CACHE_BACKPRESSURE_H_
