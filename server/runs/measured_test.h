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
#include "server/runs/figure_names.h"

namespace perfrig::runs {

struct MeasuredRound {
  // All calls together, and by name those of groups and steps.
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
  // Groups whose calls were planned in advance; an empty name: the test
  // itself.
  std::vector<std::string> open_loops;
};

// One round as measured.
MeasuredRound ToMeasuredRound(const load::Measurement& measurement,
                              const FigureNames& names);

// Fills `pooled` from `rounds`.
void PoolRounds(MeasuredTest& test);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_MEASURED_TEST_H_
