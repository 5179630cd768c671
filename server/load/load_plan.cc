#include "server/load/load_plan.h"

#include <algorithm>
#include <cmath>

#include "server/load/seeds.h"

namespace perfrig::load {
namespace {

constexpr std::uint32_t kDefaultMaxInFlight = 10'000;
constexpr double kDefaultBurstiness = 4;

Nanos Length(const google::protobuf::Duration& duration) {
  return duration.seconds() * kSecond + duration.nanos();
}

bool IsOpen(const v1::Load& load) {
  return load.rate() > 0 ||
         (!load.stages().empty() && load.stages(0).has_rate());
}

// Iterations that start together.
std::uint32_t AtOnce(const v1::Load& load) {
  return std::max(load.burst(), load.sessions());
}

void PlanArrivals(const v1::Load& load, LoadPlan& plan) {
  const bool burst = plan.model == LoadPlan::Model::kBurst;
  plan.arrivals = {.profile = plan.profile,
                   .kind = load.arrivals(),
                   .burstiness = load.burstiness() > 0 ? load.burstiness()
                                                       : kDefaultBurstiness,
                   .seed = plan.seed,
                   .limit = burst ? AtOnce(load) : load.iterations(),
                   .at_once = burst};
  plan.warmup_arrivals = plan.arrivals;
  plan.warmup_arrivals.profile = plan.warmup_profile;
  plan.warmup_arrivals.seed = ~plan.arrivals.seed;
  plan.max_in_flight =
      load.max_in_flight() == 0 ? kDefaultMaxInFlight : load.max_in_flight();
  if (burst) {
    // A burst says itself how many are in flight.
    plan.max_in_flight = std::max(plan.max_in_flight, AtOnce(load));
  } else {
    plan.warmup_arrivals.limit = 0;
  }
}

}  // namespace

double LoadPlan::RateAt(Nanos offset) const {
  if (model != Model::kOpen || offset >= end) return 0;
  return offset < warmup ? warmup_profile.At(offset)
                         : profile.At(offset - warmup);
}

LoadPlan MakeLoadPlan(const v1::Load& load, Nanos warmup, std::uint64_t part,
                      std::uint64_t first_sequence) {
  LoadPlan plan;
  // Sessions cannot be had twice.
  plan.warmup = load.sessions() > 0 ? 0 : warmup;
  plan.first_sequence = first_sequence;
  plan.seed = SeedOfPart(load.seed() == 0 ? 1 : load.seed(), part);
  plan.profile = Profile::Of(load);
  plan.warmup_profile = plan.profile.WarmUp(plan.warmup);
  plan.sessions = load.sessions();
  if (AtOnce(load) > 0) {
    plan.model = LoadPlan::Model::kBurst;
  } else {
    plan.model =
        IsOpen(load) ? LoadPlan::Model::kOpen : LoadPlan::Model::kClosed;
    if (plan.profile.length() != kNever) {
      plan.end = plan.warmup + plan.profile.length();
    }
  }
  if (plan.closed()) {
    plan.users = static_cast<std::uint32_t>(std::lround(plan.profile.Peak()));
    plan.think = Length(load.think());
    plan.iterations_per_user = load.iterations_per_user() > 0;
    plan.iterations = plan.iterations_per_user
                          ? load.iterations_per_user() * plan.users
                          : load.iterations();
  } else {
    PlanArrivals(load, plan);
  }
  return plan;
}

}  // namespace perfrig::load
