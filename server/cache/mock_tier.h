// A second tier that is simulated: in this process, each operation after a
// delay.
#ifndef PERFRIG_SERVER_CACHE_MOCK_TIER_H_
#define PERFRIG_SERVER_CACHE_MOCK_TIER_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/sync/mutex.h"
#include "common/time/clock.h"
#include "common/time/delay_queue.h"
#include "server/cache/lru.h"
#include "server/cache/pending.h"
#include "server/cache/second_tier.h"
#include "server/cache/value.h"

namespace perfrig::cache {

// As a store across a network: what is asked for has happened there even where
// nobody waits for the answer any more. Those who ask bound how many wait.
class MockTier final : public SecondTier {
 public:
  static constexpr std::size_t kMaxBytes = std::size_t{256} << 20;

  // Told of each delay that is over.
  using Observer = std::function<void(Nanos injected, Nanos lateness)>;
  // Runs a task that takes long on another thread; not OK: never.
  using Elsewhere = std::function<absl::Status(std::function<void()> task)>;

  struct Options {
    std::size_t max_bytes = kMaxBytes;
    // May be null.
    Observer observer = nullptr;
    // Where large values are given. Null: on the thread of the delays.
    Elsewhere elsewhere = nullptr;
  };

  // Both outlive this. Closed before `delays` ends.
  MockTier(const Clock& clock, DelayQueue& delays, Options options);
  MockTier(const Clock& clock, DelayQueue& delays)
      : MockTier(clock, delays, Options()) {}

  // Of operations from now on. 0: answered at once, on the asking thread.
  void SetDelay(Nanos delay) { delay_ = delay; }
  void Clear() { values_.Clear(); }
  // Answers what waits, and all that comes later, with UNAVAILABLE.
  void Close();

  void Get(std::string key, Nanos deadline,
           PendingPtr<absl::StatusOr<Value>> pending) override;
  void Put(std::string key, Value value, Nanos ttl, Nanos deadline,
           PendingPtr<absl::Status> pending) override;
  void Delete(std::string key, Nanos deadline,
              PendingPtr<absl::Status> pending) override;

  [[nodiscard]] LruStatistics statistics() const {
    return values_.statistics();
  }

 private:
  struct Waiting {
    // Gives the pending its answer, or the error that this is called with.
    std::function<void(const absl::Status& error)> answer;
    DelayQueue::Handle timer = 0;
    // 0: what it waits for is the deadline.
    Nanos injected = 0;
    Nanos due = 0;
    // What goes on with it takes long.
    bool heavy = false;
    // Where it waits, while it does.
    std::list<std::shared_ptr<Waiting>>::iterator place;
    bool waits = true;
  };

  template <class T>
  void AnswerLater(T answer, Nanos deadline, const PendingPtr<T>& pending,
                   bool heavy = false);
  // When its time has come.
  void Answer(const std::shared_ptr<Waiting>& waiting);
  bool IsClosed();
  // False if it did not wait any more.
  bool Remove(Waiting& waiting);

  const Clock& clock_;
  DelayQueue& delays_;
  const Options options_;
  Lru values_;
  std::atomic<Nanos> delay_ = 0;

  Mutex mutex_;
  std::list<std::shared_ptr<Waiting>> waiting_ PERFRIG_GUARDED_BY(mutex_);
  bool closed_ PERFRIG_GUARDED_BY(mutex_) = false;
};

}  // namespace perfrig::cache

#endif  // PERFRIG_SERVER_CACHE_MOCK_TIER_H_
