// Whether a mock target could behave as a v1.Behavior says. The same rules hold
// for suites, for the daemon's configuration and for changes at run time.
#ifndef PERFRIG_COMMON_BEHAVIOR_CHECK_H_
#define PERFRIG_COMMON_BEHAVIOR_CHECK_H_

#include <vector>

#include "common/strings/field_problem.h"
#include "perfrig/v1/behavior.pb.h"

namespace perfrig {

// Everything that is out of range, in the order of the fields. Fields are paths
// within the behavior: "delay.lognormal.sigma", "faults[1].rate".
[[nodiscard]] std::vector<FieldProblem> CheckBehavior(
    const v1::Behavior& behavior);

}  // namespace perfrig

#endif  // PERFRIG_COMMON_BEHAVIOR_CHECK_H_
