// What was measured of one test, kept while its run lasts, so that later
// tests' thresholds can speak of it too.
#ifndef PERFRIG_SERVER_RUNS_MEASURED_TEST_H_
#define PERFRIG_SERVER_RUNS_MEASURED_TEST_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/stats/histogram.h"
#include "perfrig/v1/run.pb.h"
#include "server/load/generator.h"
#include "server/load/seconds_by_hiccup.h"
#include "server/runs/figure_names.h"
#include "server/suites/threshold.h"

namespace perfrig::runs {

struct MeasuredRound {
  // All calls together, and by name those of groups and steps.
  v1::Figures figures;
  std::map<std::string, v1::Figures> steps;
  std::vector<load::SecondsAlike> seconds;
  drivers::Connections connections;
};

// How a threshold did in the windows of a test.
struct WindowFigures {
  // Full ones, of all rounds.
  std::uint64_t windows = 0;
  // Of these: judged, missed, missed by the rig's own error, and not judged
  // since they had too few samples.
  std::uint64_t judged = 0;
  std::uint64_t missed = 0;
  std::uint64_t missed_by_rig = 0;
  std::uint64_t too_few = 0;
  // The judged window that is the furthest on the wrong side, or the least on
  // the right one; one that the rig's error explains only where all missed
  // ones are.
  suites::Evaluation worst = {};
  bool worst_by_rig = false;
  // Of that window, 0-based; its begin in the measured time of the round.
  std::uint32_t round = 0;
  Nanos begin = 0;
  // The first that had too few samples.
  suites::Evaluation fewest = {};
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
  // By threshold that must hold in every window.
  std::map<std::string, WindowFigures> windows = {};
  // The threshold that ended the test before its time.
  std::optional<v1::ThresholdResult> ended_by = std::nullopt;
  // What a search has confirmed, in iterations a second.
  std::optional<double> search_rate = std::nullopt;
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
