// How far a threshold was missed.
#ifndef PERFRIG_SERVER_RUNS_GRADES_H_
#define PERFRIG_SERVER_RUNS_GRADES_H_

#include "perfrig/v1/run.pb.h"
#include "server/suites/threshold.h"

namespace perfrig::runs {

// Of a threshold that does not hold. BAD: a share more than 5 points off;
// anything else above twice its upper bound or below half of its lower one.
v1::Grade GradeOf(const suites::Threshold& threshold,
                  const suites::Evaluation& figures);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_GRADES_H_
