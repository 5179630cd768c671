// Tells from its seconds when a load has warmed up.
#ifndef PERFRIG_SERVER_LOAD_STEADINESS_H_
#define PERFRIG_SERVER_LOAD_STEADINESS_H_

#include <array>
#include <cstddef>

#include "common/time/clock.h"
#include "server/load/generator.h"

namespace perfrig::load {

class Steadiness {
 public:
  // The next second of a round. True once it and the two before it differ by
  // at most 5 % in the median latency and in the throughput of ok calls.
  bool Add(const Second& second);

 private:
  static constexpr std::size_t kAlike = 3;

  // Of the last seconds, in turn.
  std::array<double, kAlike> medians_{};
  std::array<double, kAlike> throughputs_{};
  std::size_t seconds_ = 0;
  Nanos last_end_ = 0;
};

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_STEADINESS_H_
