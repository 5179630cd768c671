// When the iterations of an open load are planned to start: fixed in advance
// by a seed, whatever comes back. Pure; all times are offsets from its start.
//
//   Arrivals arrivals({.profile = Profile::Hold(1000, 10 * kSecond)});
//   arrivals.Next();  // 0, 1 ms, 2 ms, … 9,999 ms, kNever
#ifndef PERFRIG_SERVER_LOAD_ARRIVALS_H_
#define PERFRIG_SERVER_LOAD_ARRIVALS_H_

#include <cstdint>
#include <random>

#include "common/time/clock.h"
#include "perfrig/v1/suite.pb.h"
#include "server/load/profile.h"

namespace perfrig::load {

struct ArrivalsOptions {
  // Iterations a second over time.
  Profile profile = {};
  v1::Arrivals kind = v1::CONSTANT;
  // GAMMA: squared coefficient of variation of the gaps.
  double burstiness = 4;
  std::uint64_t seed = 1;
  // Ends after this many; 0: with the profile.
  std::uint64_t limit = 0;
  // All `limit` of them at 0; the profile does not matter.
  bool at_once = false;
};

// A renewal process of rate 1 (even, exponential or gamma-distributed gaps),
// stretched so that its rate follows the profile. For constant arrivals that
// makes the number of arrivals at any time the area under the profile so far;
// for poisson ones an exact Poisson process of that rate.
class Arrivals {
 public:
  explicit Arrivals(ArrivalsOptions options);

  // The next arrival, never before the one before it; kNever after the last.
  Nanos Next();

 private:
  const ArrivalsOptions options_;
  ProfileInverse inverse_;
  std::mt19937_64 random_;
  std::exponential_distribution<double> exponential_{1.0};
  std::gamma_distribution<double> gamma_;
  std::uint64_t drawn_ = 0;
  // Of the process of rate 1.
  double position_ = 0;
};

// Every `lanes`-th arrival of one schedule, from number `lane` on: the union
// of all lanes' slices is the schedule, however many lanes there are.
class ArrivalSlice {
 public:
  ArrivalSlice(Arrivals arrivals, std::uint32_t lane, std::uint32_t lanes);

  // The arrival at hand, kNever after the last, and its number in the whole
  // schedule.
  [[nodiscard]] Nanos offset() const { return offset_; }
  [[nodiscard]] std::uint64_t index() const { return index_; }
  // Goes on to the slice's next arrival.
  void Advance();
  // How many arrivals the whole schedule has; right once offset() is kNever.
  [[nodiscard]] std::uint64_t total() const { return total_; }

 private:
  // Draws arrivals up to number `index`.
  void DrawTo(std::uint64_t index);

  Arrivals arrivals_;
  const std::uint32_t lanes_;
  Nanos offset_ = 0;
  std::uint64_t index_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_ARRIVALS_H_
