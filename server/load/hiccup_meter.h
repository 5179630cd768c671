// Measures by how much the machine itself disturbs a round: a thread that
// sleeps 1 ms again and again and records by how much it overslept.
#ifndef PERFRIG_SERVER_LOAD_HICCUP_METER_H_
#define PERFRIG_SERVER_LOAD_HICCUP_METER_H_

#include <atomic>
#include <deque>
#include <thread>

#include "common/stats/histogram.h"
#include "common/sync/mutex.h"
#include "common/time/clock.h"

namespace perfrig::load {

// What a hiccup meter saw, apart from its thread. Safe to use from several.
class HiccupLog {
 public:
  // What is due before `from` is not in the histogram.
  explicit HiccupLog(Nanos from) : from_(from) {}

  // The next sleep ends at `due`.
  void Sleep(Nanos due);
  // It ended at `now`.
  void Wake(Nanos now);

  // The worst oversleep in what has passed since the last Take, up to `until`.
  // One that has not ended yet counts with what it has reached.
  Nanos TakeWorst(Nanos until);
  [[nodiscard]] Histogram histogram() const;

 private:
  struct Hiccup {
    Nanos due;
    Nanos oversleep;
  };

  const Nanos from_;
  mutable Mutex mutex_;
  Histogram histogram_ PERFRIG_GUARDED_BY(mutex_);
  // The worst of each 10 ms that nobody has taken yet.
  std::deque<Hiccup> recent_ PERFRIG_GUARDED_BY(mutex_);
  Nanos due_ PERFRIG_GUARDED_BY(mutex_) = kNever;
};

// The thread; runs from construction to destruction.
class HiccupMeter {
 public:
  // Both outlive this.
  HiccupMeter(Clock& clock, HiccupLog& log);
  ~HiccupMeter();

  HiccupMeter(const HiccupMeter&) = delete;
  HiccupMeter& operator=(const HiccupMeter&) = delete;

 private:
  void Run();

  Clock& clock_;
  HiccupLog& log_;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_HICCUP_METER_H_
