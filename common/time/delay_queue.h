// Calls back at absolute times, to a few microseconds: what gRPC's timers,
// which count in milliseconds, cannot do.
//
//   SystemDelayQueue delays(clock);
//   auto handle = delays.Schedule(clock.Now() + 20 * kMillisecond,
//                                 [call] { call->Answer(); });
//   if (delays.Cancel(handle)) delete call;
#ifndef PERFRIG_COMMON_TIME_DELAY_QUEUE_H_
#define PERFRIG_COMMON_TIME_DELAY_QUEUE_H_

#include <functional>
#include <thread>

#include "common/sync/mutex.h"
#include "common/time/clock.h"
#include "common/time/timer_heap.h"

namespace perfrig {

// Thread-safe. Schedule and Cancel take O(log n) for n pending.
class DelayQueue {
 public:
  using Handle = TimerHeap::Handle;
  // Up to two pointers of captures cost no allocation.
  using Callback = TimerHeap::Callback;

  virtual ~DelayQueue() = default;

  // Runs `callback`, which is not empty, once at `due` or soon after, on the
  // queue's own thread, one at a time, earliest first, in order of scheduling
  // where times are equal. It holds no lock of the queue, may schedule and
  // cancel, and must not block.
  virtual Handle Schedule(Nanos due, Callback callback) = 0;

  // True: the callback will never run. False: it has run, is running, or was
  // cancelled before.
  virtual bool Cancel(Handle handle) = 0;
};

// One thread that waits for the earliest time on the steady clock.
class SystemDelayQueue final : public DelayQueue {
 public:
  // `clock` reads CLOCK_MONOTONIC and outlives this.
  explicit SystemDelayQueue(const Clock& clock);
  // Waits for the callback that runs; what is still pending never runs.
  ~SystemDelayQueue() override;

  SystemDelayQueue(const SystemDelayQueue&) = delete;
  SystemDelayQueue& operator=(const SystemDelayQueue&) = delete;

  Handle Schedule(Nanos due, Callback callback) override;
  bool Cancel(Handle handle) override;

 private:
  void Run();
  // Waits until something is due and takes it; empty where the queue ends.
  Callback Next();

  const Clock& clock_;
  Mutex mutex_;
  CondVar changed_;
  TimerHeap timers_ PERFRIG_GUARDED_BY(mutex_);
  // What the thread sleeps towards; less than everything while it is awake.
  Nanos wakes_at_ PERFRIG_GUARDED_BY(mutex_) = INT64_MIN;
  bool ends_ PERFRIG_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace perfrig

#endif  // PERFRIG_COMMON_TIME_DELAY_QUEUE_H_
