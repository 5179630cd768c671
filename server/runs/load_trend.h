// Whether latency rises with the load, where a test's load does.
#ifndef PERFRIG_SERVER_RUNS_LOAD_TREND_H_
#define PERFRIG_SERVER_RUNS_LOAD_TREND_H_

#include <cstdint>
#include <map>
#include <optional>

#include "common/stats/histogram.h"

namespace perfrig::runs {

class LoadTrend {
 public:
  // A second at this level: users, or iterations a second.
  void Add(double level, const Histogram& latency);

  struct Knee {
    // The level from which on latency is above twice that of the lowest.
    double level = 0;
    // Mean latencies in nanoseconds, at the lowest and at the highest level.
    double lowest = 0;
    double highest = 0;
  };
  // Nothing where the levels do not reach twice the lowest, or where latency
  // does not rise that much.
  [[nodiscard]] std::optional<Knee> FindKnee() const;

 private:
  // Seconds at levels of like size.
  struct Times {
    double level = 0;
    std::uint64_t count = 0;
    double sum = 0;
  };

  // Four for each doubling of the level, so that a day takes no more memory
  // than a minute.
  std::map<int, Times> times_;
};

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_LOAD_TREND_H_
