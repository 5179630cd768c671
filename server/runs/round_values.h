// Figures of one round: times, throughput, elapsed time.
#ifndef PERFRIG_SERVER_RUNS_ROUND_VALUES_H_
#define PERFRIG_SERVER_RUNS_ROUND_VALUES_H_

#include <optional>
#include <string>

#include "server/runs/measured_test.h"
#include "server/runs/metric_view.h"
#include "server/suites/threshold.h"

namespace perfrig::runs {

// Of the step, or of all together where `step` is empty; null where the round
// has no such step.
const v1::Figures* FiguresOf(const MeasuredRound& round,
                             const std::string& step);

double ElapsedSeconds(const v1::Figures& figures);

// `round` is one of the test's. Nothing where `ref` names something that is
// not looked at round by round; a MetricValue without value where nothing was
// measured.
std::optional<suites::MetricValue> RoundValue(const MeasuredTest& test,
                                              const MeasuredRound& round,
                                              const suites::MetricRef& ref,
                                              const ViewOptions& options);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_ROUND_VALUES_H_
