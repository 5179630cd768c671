// Results without what takes most of their space.
#ifndef PERFRIG_SERVER_RUNS_BRIEF_H_
#define PERFRIG_SERVER_RUNS_BRIEF_H_

#include "perfrig/v1/run.pb.h"

namespace perfrig::runs {

// For lists: no suites' text, rounds, steps, kept calls and histograms.
v1::Run Brief(const v1::Run& run);

void ClearHistograms(v1::Figures& figures);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_BRIEF_H_
