// A clock that moves only when it is told to.
//
//   FakeClock clock;
//   clock.Advance(20 * kMillisecond);
//
// Safe to use from several threads.
#ifndef PERFRIG_TESTS_SUPPORT_FAKE_CLOCK_H_
#define PERFRIG_TESTS_SUPPORT_FAKE_CLOCK_H_

#include <cstddef>

#include "absl/time/time.h"
#include "common/sync/mutex.h"
#include "common/time/clock.h"

namespace perfrig {

class FakeClock final : public Clock {
 public:
  // What SleepUntil does with a deadline that has not come yet.
  enum class Sleep {
    // Moves the clock there at once: for one thread on its own.
    kAdvances,
    // Waits until another thread has moved the clock there.
    kBlocks,
  };

  explicit FakeClock(Sleep sleep = Sleep::kAdvances) : sleep_(sleep) {}

  // 1,000 s at first.
  Nanos Now() const override {
    MutexLock lock(mutex_);
    return now_;
  }
  // 2026-01-01 00:00 UTC at first; moves with Now.
  absl::Time WallTime() const override {
    return absl::FromUnixSeconds(1'767'225'600) +
           absl::Nanoseconds(Now() - kStart);
  }

  void SleepUntil(Nanos deadline) override {
    if (sleep_ == Sleep::kAdvances) return AdvanceTo(deadline);
    MutexLock lock(mutex_);
    ++sleepers_;
    changed_.NotifyAll();
    while (now_ < deadline) changed_.Wait(mutex_);
    --sleepers_;
  }

  void Advance(Nanos by) { AdvanceTo(Now() + by); }
  // Never goes back.
  void AdvanceTo(Nanos time) {
    MutexLock lock(mutex_);
    if (time > now_) now_ = time;
    changed_.NotifyAll();
  }

  // Blocks until this many threads are inside SleepUntil (kBlocks).
  void AwaitSleepers(std::size_t count) {
    MutexLock lock(mutex_);
    while (sleepers_ < count) changed_.Wait(mutex_);
  }

 private:
  static constexpr Nanos kStart = 1'000 * kSecond;

  const Sleep sleep_;
  mutable Mutex mutex_;
  CondVar changed_;
  Nanos now_ PERFRIG_GUARDED_BY(mutex_) = kStart;
  std::size_t sleepers_ PERFRIG_GUARDED_BY(mutex_) = 0;
};

}  // namespace perfrig

#endif  // PERFRIG_TESTS_SUPPORT_FAKE_CLOCK_H_
