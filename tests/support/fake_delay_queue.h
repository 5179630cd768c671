// A delay queue for tests: runs what is due when it is told to, on the
// caller's thread, and moves a FakeClock along.
//
//   FakeClock clock;
//   FakeDelayQueue delays(clock);
//   delays.Advance(20 * kMillisecond);
#ifndef PERFRIG_TESTS_SUPPORT_FAKE_DELAY_QUEUE_H_
#define PERFRIG_TESTS_SUPPORT_FAKE_DELAY_QUEUE_H_

#include <cstddef>
#include <utility>

#include "common/time/delay_queue.h"
#include "common/time/timer_heap.h"
#include "tests/support/fake_clock.h"

namespace perfrig {

// For one thread.
class FakeDelayQueue final : public DelayQueue {
 public:
  explicit FakeDelayQueue(FakeClock& clock) : clock_(clock) {}

  Handle Schedule(Nanos due, Callback callback) override {
    return timers_.Add(due, std::move(callback));
  }
  bool Cancel(Handle handle) override {
    return timers_.Remove(handle) != nullptr;
  }

  // Runs all that is due until then, what it schedules meanwhile included,
  // each `late` after its time.
  void AdvanceTo(Nanos time, Nanos late = 0) {
    while (timers_.NextDue() <= time) {
      clock_.AdvanceTo(timers_.NextDue() + late);
      timers_.PopFirst()();
    }
    clock_.AdvanceTo(time);
  }
  void Advance(Nanos by) { AdvanceTo(clock_.Now() + by); }

  // Runs the next; false if nothing is pending.
  bool RunNext() {
    if (timers_.empty()) return false;
    clock_.AdvanceTo(timers_.NextDue());
    timers_.PopFirst()();
    return true;
  }

  [[nodiscard]] std::size_t pending() const { return timers_.size(); }

 private:
  FakeClock& clock_;
  TimerHeap timers_;
};

}  // namespace perfrig

#endif  // PERFRIG_TESTS_SUPPORT_FAKE_DELAY_QUEUE_H_
