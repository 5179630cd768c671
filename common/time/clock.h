// The only place that reads time or sleeps.
#ifndef PERFRIG_COMMON_TIME_CLOCK_H_
#define PERFRIG_COMMON_TIME_CLOCK_H_

#include <cstdint>

#include "absl/time/time.h"

namespace perfrig {

// Nanoseconds on the monotonic clock, or between two readings of it. What is
// measured travels as Nanos; what people set travels as absl::Duration.
using Nanos = std::int64_t;

inline constexpr Nanos kMicrosecond = 1'000;
inline constexpr Nanos kMillisecond = 1'000'000;
inline constexpr Nanos kSecond = 1'000'000'000;
// Later than everything.
inline constexpr Nanos kNever = INT64_MAX;

class Clock {
 public:
  virtual ~Clock() = default;

  // CLOCK_MONOTONIC, which std::chrono::steady_clock reads too.
  virtual Nanos Now() const = 0;
  // The wall clock, for people and for the store; never for measuring.
  virtual absl::Time WallTime() const = 0;
  // Returns at `deadline` or a few microseconds after.
  virtual void SleepUntil(Nanos deadline) = 0;
};

// The machine's clock.
class SystemClock final : public Clock {
 public:
  Nanos Now() const override;
  absl::Time WallTime() const override;
  void SleepUntil(Nanos deadline) override;
};

// CPU time that the calling thread has used.
[[nodiscard]] Nanos ThreadCpuTime();

// Makes the kernel wake this thread's timed waits as precisely as it can
// (timer slack 1 ns instead of 50 µs).
void MakeTimersPrecise();

}  // namespace perfrig

#endif  // PERFRIG_COMMON_TIME_CLOCK_H_
