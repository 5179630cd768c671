// What the shape of a test's figures suggests to whoever looks for the cause
// of a miss. Pure.
#ifndef PERFRIG_SERVER_RUNS_HINTS_H_
#define PERFRIG_SERVER_RUNS_HINTS_H_

#include <string>
#include <vector>

#include "perfrig/v1/run.pb.h"
#include "server/runs/load_trend.h"

namespace perfrig::runs {

// What is known of the test; all of it outlives the call.
struct Evidence {
  const v1::Figures& figures;
  // Calls that were kept.
  const std::vector<v1::CallSample>& slowest;
  const std::vector<v1::CallSample>& failed;
  const LoadTrend& trend;
  // Levels of the trend are users, not rates.
  bool closed = false;
};

// One sentence each, the most telling first.
std::vector<std::string> Hints(const Evidence& evidence);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_HINTS_H_
