// The seconds of a round, kept so that those which the host disturbed can be
// left out later, however much is meant by disturbed. Seconds of like hiccups
// are merged, exactly: a round of a day takes no more memory than one of a
// minute.
#ifndef PERFRIG_SERVER_LOAD_SECONDS_BY_HICCUP_H_
#define PERFRIG_SERVER_LOAD_SECONDS_BY_HICCUP_H_

#include <cstdint>
#include <map>
#include <vector>

#include "common/stats/histogram.h"
#include "common/time/clock.h"
#include "perfrig/v1/figures.pb.h"

namespace perfrig::load {

// What is kept of one second.
struct SecondTimes {
  Nanos worst_hiccup = 0;
  Histogram latency;
  Histogram latency_all;
  Histogram service;
};

// Seconds that the host disturbed alike, merged; sparse.
struct SecondsAlike {
  std::uint64_t seconds = 0;
  // Of the second with the worst.
  Nanos worst_hiccup = 0;
  v1::Histogram latency;
  v1::Histogram latency_all;
  v1::Histogram service;
};

class SecondsByHiccup {
 public:
  void Add(const SecondTimes& second);

  // The quietest first, all up to 1 ms as one; above, eight for each octave.
  // Empties this.
  std::vector<SecondsAlike> Take();

 private:
  std::map<int, SecondsAlike> by_level_;
};

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_SECONDS_BY_HICCUP_H_
