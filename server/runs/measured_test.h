// What was measured of one test, kept while its run lasts, so that later
// tests' thresholds can speak of it too.
#ifndef PERFRIG_SERVER_RUNS_MEASURED_TEST_H_
#define PERFRIG_SERVER_RUNS_MEASURED_TEST_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/stats/histogram.h"
#include "perfrig/v1/run.pb.h"
#include "server/load/generator.h"
#include "server/load/seconds_by_hiccup.h"

namespace perfrig::runs {

struct MeasuredRound {
  // All steps together, and each by its name where there are several.
  v1::Figures figures;
  std::map<std::string, v1::Figures> steps;
  std::vector<load::SecondsAlike> seconds;
  drivers::Connections connections;
};

struct MeasuredTest {
  std::vector<MeasuredRound> rounds;
  // All rounds together: counts added up, distributions merged.
  MeasuredRound pooled;
  // Achieved less injected delay of this daemon's mock targets.
  Histogram mock_lateness;
  Histogram hiccups;
  // Highest of all rounds and lanes, 0 to 1.
  double lane_cpu = 0;
  std::uint32_t lanes = 0;
  // Calls go over no network: lanes run flat out by nature.
  bool local = false;
  // Calls were planned in advance.
  bool open_loop = false;
};

// One round as measured; `observed` names the observed metrics, `steps` the
// steps where there are several.
MeasuredRound ToMeasuredRound(const load::Measurement& measurement,
                              const std::vector<std::string>& observed,
                              const std::vector<std::string>& steps);

// Fills `pooled` from `rounds`.
void PoolRounds(MeasuredTest& test);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_MEASURED_TEST_H_
