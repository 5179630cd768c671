// What a lane is to start, and when: its slice of an open schedule, or its
// share of the users. All times are offsets from the start of the round. Reads
// no clock; the lane tells the time.
#ifndef PERFRIG_SERVER_LOAD_ITERATION_SOURCE_H_
#define PERFRIG_SERVER_LOAD_ITERATION_SOURCE_H_

#include <cstdint>
#include <memory>

#include "common/time/clock.h"
#include "server/load/load_plan.h"

namespace perfrig::load {

struct PlannedIteration {
  Nanos planned = 0;
  std::uint64_t sequence = 0;
  // 0 for open loads.
  std::uint32_t user = 0;
  // Iterations of the same affinity take the same connection.
  std::uint32_t affinity = 0;
  // Planned after the warm-up.
  bool counted = false;
};

class IterationSource {
 public:
  virtual ~IterationSource() = default;
  // Takes an iteration that is planned at `now` or before; false if there is
  // none.
  virtual bool Take(Nanos now, PlannedIteration& iteration) = 0;
  // When Take may next have one; kNever if that depends on a Finish.
  [[nodiscard]] virtual Nanos Next() const = 0;
  // An iteration of `user` ended at `at`.
  virtual void Finish(std::uint32_t user, Nanos at) = 0;
  // Whether all iterations that the load's count allows have been taken.
  [[nodiscard]] virtual bool EndedByCount(Nanos now) const = 0;
  // Users at work; 0 for open loads.
  [[nodiscard]] virtual std::uint32_t users() const = 0;
  // Above all sequence numbers used so far.
  [[nodiscard]] virtual std::uint64_t next_sequence() const = 0;
};

// The share of lane number `lane` out of `lanes`.
std::unique_ptr<IterationSource> MakeSource(const LoadPlan& plan,
                                            std::uint32_t lane,
                                            std::uint32_t lanes);

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_ITERATION_SOURCE_H_
