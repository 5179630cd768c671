// Puts together what the lanes of a round hand over: seconds for those who
// watch, totals for the verdict. On one thread, outside of the load path.
#ifndef PERFRIG_SERVER_LOAD_COLLECTOR_H_
#define PERFRIG_SERVER_LOAD_COLLECTOR_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "common/time/clock.h"
#include "server/load/exchange.h"
#include "server/load/generator.h"
#include "server/load/hiccup_meter.h"
#include "server/load/load_plan.h"
#include "server/load/seconds_by_hiccup.h"

namespace perfrig::load {

class Collector {
 public:
  // All of it outlives this.
  struct Setup {
    const Clock* clock = nullptr;
    // By group; of one warm-up.
    const std::vector<LoadPlan>* plans = nullptr;
    Exchange* exchange = nullptr;
    HiccupLog* hiccups = nullptr;
    const std::function<void(const Second&)>* on_second = nullptr;
    // Of the round, on the clock.
    Nanos start = 0;
    // Tells of each second by step, too.
    bool by_step = false;
  };

  Collector(const Setup& setup, std::uint32_t lanes, std::size_t steps,
            std::size_t metrics);

  // Blocks until all lanes are over and all they counted is in.
  void Follow();

  // Moves steps and seconds there; once Follow has returned.
  void MoveInto(Measurement& measurement);
  // When the last lane was over, from the start of the round.
  [[nodiscard]] Nanos elapsed() const { return second_.elapsed; }

 private:
  void Add(std::uint32_t lane, const LaneSecond& lane_second);
  // Tells of the second that has been added up.
  void EndSecond();
  void Keep(Nanos length);
  void CloseKept();

  const Setup setup_;
  std::vector<Tally> steps_;
  // The second at work: what counts, what does not, and its lanes as they
  // were when they handed over last.
  Second second_;
  Tally counted_;
  std::vector<std::uint32_t> in_flight_;
  std::vector<std::uint32_t> users_;
  Nanos last_elapsed_ = 0;
  // The last second, which may still get a rest added; not `used_`: none yet.
  SecondTimes open_;
  bool used_ = false;
  SecondsByHiccup kept_;
};

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_COLLECTOR_H_
