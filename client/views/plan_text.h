// What a run would do, as a person reads it.
#ifndef PERFRIG_CLIENT_VIEWS_PLAN_TEXT_H_
#define PERFRIG_CLIENT_VIEWS_PLAN_TEXT_H_

#include <string>

#include "client/terminal/style.h"
#include "perfrig/v1/run.pb.h"

namespace perfrig {

// One row a test, in the order in which they would run (Runs.PlanRun), and how
// long all of them are expected to take.
[[nodiscard]] std::string RenderPlan(const v1::Run& plan, Style style,
                                     int columns);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_VIEWS_PLAN_TEXT_H_
