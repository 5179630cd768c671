// How far apart the rounds of a test leave what a threshold judges.
#ifndef PERFRIG_SERVER_RUNS_ROUNDS_INTERVAL_H_
#define PERFRIG_SERVER_RUNS_ROUNDS_INTERVAL_H_

#include "perfrig/v1/run.pb.h"
#include "server/runs/measured_test.h"
#include "server/suites/threshold.h"

namespace perfrig::runs {

// Adds to what `result` says: "95 % interval of the mean of 5 rounds: 19.8 ms
// to 20.3 ms". Nothing below three rounds, where the threshold could not be
// judged, and where one of its figures is another test's or not judged on the
// median of the rounds. `threshold` is resolved.
void AddRoundsInterval(const suites::Threshold& threshold,
                       const MeasuredTest& measured,
                       v1::ThresholdResult& result);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_ROUNDS_INTERVAL_H_
