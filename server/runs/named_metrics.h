// Metrics that are taken only where a threshold, or what a test shows, names
// them: phases of calls, statistics of targets.
#ifndef PERFRIG_SERVER_RUNS_NAMED_METRICS_H_
#define PERFRIG_SERVER_RUNS_NAMED_METRICS_H_

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "perfrig/v1/figures.pb.h"
#include "perfrig/v1/suite.pb.h"
#include "perfrig/v1/target.pb.h"
#include "server/runs/ports.h"
#include "server/runs/selection.h"

namespace perfrig::runs {

// By names of suite and test.
using NamedMetrics =
    std::map<std::pair<std::string, std::string>, std::set<std::string>>;

// What all of the selected tests name, of themselves and of each other: names
// in metric families, such as "phase.database".
NamedMetrics MetricsNamed(const std::vector<SelectedSuite>& selected);

// Makes every call of the test observe the phases among the names.
void ObservePhases(const std::set<std::string>& names, v1::Test& test);

// Whether one of them is a statistic of a target.
bool NamesTargets(const std::set<std::string>& names);

// Whether one of them is what processes use.
bool NamesResources(const std::set<std::string>& names);

// What the names tell of targets, over the time from Begin to End; does
// nothing where they name none.
class TargetSpan {
 public:
  // Both outlive this; `control` may be null where no target is named.
  TargetSpan(const std::set<std::string>& names, TargetControl* control)
      : names_(names), control_(control) {}

  // The last one counts.
  absl::Status Begin();
  // Adds to what is observed.
  absl::Status End(v1::Figures& figures);

 private:
  const std::set<std::string>& names_;
  TargetControl* const control_;
  std::vector<v1::Target> begin_;
};

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_NAMED_METRICS_H_
