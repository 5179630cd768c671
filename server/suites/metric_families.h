// Metrics whose names begin with a word of their own and go on in as many
// parts as they need: "phase.database", "target.config.cache.hit_rate". Their
// figures stand in Figures.observed under the whole name.
//
// A further family is one row of kFamilies and a function that tells what one
// of its names means.
#ifndef PERFRIG_SERVER_SUITES_METRIC_FAMILIES_H_
#define PERFRIG_SERVER_SUITES_METRIC_FAMILIES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/suites/metrics_catalog.h"

namespace perfrig::suites {

// "phase", "target": no test, step or observed value may have this name.
bool IsMetricFamily(std::string_view part);

// True for "phase.database" and the like, right or not.
bool InMetricFamily(std::string_view name);

// A name whose first part is a family. INVALID_ARGUMENT with the nearest right
// name where it means nothing; `own_targets` says that the targets are those of
// this daemon, of which there are no others.
absl::StatusOr<MetricInfo> FindFamilyMetric(std::string_view name,
                                            bool own_targets);

// True where the figure is of the whole test, not of one of its steps.
bool IsOfWholeTest(std::string_view name);

// True where only targets of this daemon, or of processes that it spawns, have
// such a figure.
bool IsOfOwnProcesses(std::string_view name);

// Takes the aggregate, "" where there is none, off the end of the parts of
// such a name.
std::string TakeFamilyAggregate(std::vector<std::string>& parts);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_METRIC_FAMILIES_H_
