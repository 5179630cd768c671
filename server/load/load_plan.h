// A load as lanes need it: defaults filled in, divided by simple rules. Pure.
#ifndef PERFRIG_SERVER_LOAD_LOAD_PLAN_H_
#define PERFRIG_SERVER_LOAD_LOAD_PLAN_H_

#include <cstdint>

#include "common/time/clock.h"
#include "perfrig/v1/suite.pb.h"
#include "server/load/arrivals.h"
#include "server/load/profile.h"

namespace perfrig::load {

// All times are offsets from the start of the round, which begins with the
// warm-up.
struct LoadPlan {
  enum class Model { kClosed, kOpen, kBurst };

  Model model = Model::kClosed;
  Nanos warmup = 0;
  // No call starts later; kNever if the load ends by count alone.
  Nanos end = kNever;
  // Users or rate, in the warm-up and after it; each from offset 0 of its own.
  Profile warmup_profile;
  Profile profile;

  // Closed.
  std::uint32_t users = 0;  // the most at any time
  Nanos think = 0;
  // Iterations after the warm-up, all users together; 0: not by count.
  std::uint64_t iterations = 0;
  // The same number for each user, not shared among them.
  bool iterations_per_user = false;

  // Of a burst of sessions: how many; 0: they are calls.
  std::uint32_t sessions = 0;

  // Open and burst.
  ArrivalsOptions warmup_arrivals;
  ArrivalsOptions arrivals;
  std::uint32_t max_in_flight = 0;

  std::uint64_t first_sequence = 0;
  // Of what is random in this round.
  std::uint64_t seed = 0;

  [[nodiscard]] bool closed() const { return model == Model::kClosed; }
  // Iterations a second as planned at `offset`; 0 for closed loads.
  [[nodiscard]] double RateAt(Nanos offset) const;
};

// The load's seed fixes what is random; other numbers in each `part`.
LoadPlan MakeLoadPlan(const v1::Load& load, Nanos warmup, std::uint64_t part,
                      std::uint64_t first_sequence);

// How many of 0, 1, … `count` − 1 are `lane` modulo `lanes`.
[[nodiscard]] constexpr std::uint64_t LaneShare(std::uint64_t count,
                                                std::uint32_t lane,
                                                std::uint32_t lanes) {
  return count > lane ? (count - lane - 1) / lanes + 1 : 0;
}

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_LOAD_PLAN_H_
