// Counts of calls, messages and bytes, and their rates, of all rounds together.
#ifndef PERFRIG_SERVER_RUNS_CALL_COUNTS_H_
#define PERFRIG_SERVER_RUNS_CALL_COUNTS_H_

#include "server/runs/measured_test.h"
#include "server/suites/threshold.h"

namespace perfrig::runs {

// Without value where `ref` names no count, or nothing was measured.
suites::MetricValue CountOf(const MeasuredTest& test,
                            const suites::MetricRef& ref);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_CALL_COUNTS_H_
