// What happened in one run, for any number of watchers. Bounded: old snapshots
// go first; a watcher that comes too late gets the run's full state instead.
#ifndef PERFRIG_SERVER_RUNS_EVENT_LOG_H_
#define PERFRIG_SERVER_RUNS_EVENT_LOG_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "common/sync/mutex.h"
#include "perfrig/v1/run.pb.h"

namespace perfrig::runs {

// Thread-safe. Events are immutable and shared, so that a thousand watchers
// cost one copy.
class EventLog {
 public:
  using Event = std::shared_ptr<const v1::RunEvent>;
  // Called without a lock held, on the thread that appends; returns at once.
  using Listener = std::function<void()>;

  explicit EventLog(std::size_t limit = 1'000) : limit_(limit) {}

  // Gives the event its number and wakes all listeners. Nothing follows the
  // event of the finished run: what comes later is let go.
  void Append(v1::RunEvent event);
  // The same without a copy. From now on nobody changes the event; who holds
  // it already reads no number.
  void Append(std::shared_ptr<v1::RunEvent> event);
  // Events after `sequence` that are still kept, at most `most`. `missed` is
  // set if some in between are gone.
  std::vector<Event> Read(std::uint64_t sequence, std::size_t most,
                          bool* missed) const;
  // Forgets all events but the newest.
  void KeepLast();
  // Number of the newest event; 0: none yet.
  std::uint64_t last_sequence() const;

  // The listener is called for each later event until it is removed; it is
  // not called any more once RemoveListener has returned, which must not be
  // called from a listener.
  std::uint64_t AddListener(Listener listener);
  void RemoveListener(std::uint64_t id);
  std::size_t listeners() const;

 private:
  // A listener with a lock of its own, so that it can be taken away while
  // others are called.
  struct ListenerCell {
    Mutex mutex;
    Listener listener PERFRIG_GUARDED_BY(mutex);

    void SetListener(Listener value) {
      MutexLock lock(mutex);
      listener = std::move(value);
    }
  };

  void DropOne() PERFRIG_REQUIRES(mutex_);

  const std::size_t limit_;
  mutable Mutex mutex_;
  std::deque<Event> events_ PERFRIG_GUARDED_BY(mutex_);
  std::uint64_t last_ PERFRIG_GUARDED_BY(mutex_) = 0;
  // Some event up to this number is gone.
  std::uint64_t dropped_up_to_ PERFRIG_GUARDED_BY(mutex_) = 0;
  std::uint64_t next_listener_ PERFRIG_GUARDED_BY(mutex_) = 1;
  std::map<std::uint64_t, std::shared_ptr<ListenerCell>> listeners_
      PERFRIG_GUARDED_BY(mutex_);
};

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_EVENT_LOG_H_
