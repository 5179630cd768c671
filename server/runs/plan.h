// What a run would do.
#ifndef PERFRIG_SERVER_RUNS_PLAN_H_
#define PERFRIG_SERVER_RUNS_PLAN_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "perfrig/v1/run.pb.h"
#include "server/runs/selection.h"
#include "server/runs/skipped_tests.h"

namespace perfrig::runs {

// As a run that begins at `begin`: every test with the times at which it is
// expected to begin and end, which tell the order also where it is shuffled;
// those that would be SKIPPED with the reason.
v1::Run PlanOf(const std::vector<SelectedSuite>& selected,
               std::uint64_t shuffle_seed, absl::Time begin,
               const WhyLacking& lacking);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_PLAN_H_
