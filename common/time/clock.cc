#include "common/time/clock.h"

#include <sys/prctl.h>
#include <time.h>

#include <cerrno>

#include "absl/time/clock.h"

namespace perfrig {

Nanos SystemClock::Now() const {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

absl::Time SystemClock::WallTime() const { return absl::Now(); }

void SystemClock::SleepUntil(Nanos deadline) {
  if (deadline <= 0) return;
  const timespec until{deadline / kSecond, deadline % kSecond};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) ==
         EINTR) {
  }
}

Nanos ThreadCpuTime() {
  timespec used;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return used.tv_sec * kSecond + used.tv_nsec;
}

void MakeTimersPrecise() { prctl(PR_SET_TIMERSLACK, 1UL); }

}  // namespace perfrig
