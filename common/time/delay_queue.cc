#include "common/time/delay_queue.h"

#include <utility>

namespace perfrig {

SystemDelayQueue::SystemDelayQueue(const Clock& clock)
    : clock_(clock), thread_([this] { Run(); }) {}

SystemDelayQueue::~SystemDelayQueue() {
  {
    MutexLock lock(mutex_);
    ends_ = true;
  }
  changed_.NotifyOne();
  thread_.join();
}

DelayQueue::Handle SystemDelayQueue::Schedule(Nanos due, Callback callback) {
  bool wake = false;
  Handle handle = 0;
  {
    MutexLock lock(mutex_);
    handle = timers_.Add(due, std::move(callback));
    wake = due < wakes_at_;
    // One wake-up is enough, however many earlier times follow.
    if (wake) wakes_at_ = INT64_MIN;
  }
  if (wake) changed_.NotifyOne();
  return handle;
}

bool SystemDelayQueue::Cancel(Handle handle) {
  // Destroyed after the lock is gone: captures may do anything.
  Callback callback;
  MutexLock lock(mutex_);
  callback = timers_.Remove(handle);
  return callback != nullptr;
}

void SystemDelayQueue::Run() {
  MakeTimersPrecise();
  while (Callback callback = Next()) callback();
}

DelayQueue::Callback SystemDelayQueue::Next() {
  MutexLock lock(mutex_);
  while (!ends_) {
    const Nanos due = timers_.NextDue();
    if (due != kNever && due <= clock_.Now()) return timers_.PopFirst();
    wakes_at_ = due;
    if (due == kNever) {
      changed_.Wait(mutex_);
    } else {
      changed_.WaitUntil(mutex_, due);
    }
    wakes_at_ = INT64_MIN;
  }
  return nullptr;
}

}  // namespace perfrig
