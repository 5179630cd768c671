// What a threshold saw, as people read it.
#ifndef PERFRIG_SERVER_RUNS_VERDICT_TEXT_H_
#define PERFRIG_SERVER_RUNS_VERDICT_TEXT_H_

#include <string>

#include "server/runs/measured_test.h"
#include "server/suites/threshold.h"

namespace perfrig::runs {

// "12.3 ms"; "never" where calls that were given up decide.
std::string ValueText(double value, const suites::Threshold& threshold);

// "87.7 ms below".
std::string MarginText(const suites::Evaluation& figures,
                       const suites::Threshold& threshold);

// "worst of 6 windows, from 20 s of round 1".
std::string WindowText(const WindowFigures& figures);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_VERDICT_TEXT_H_
