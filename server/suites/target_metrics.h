// What mock targets tell of themselves, as metrics: "target.NAME.calls",
// "target.NAME.cache.hit_rate", "target.NAME.state.objects".
#ifndef PERFRIG_SERVER_SUITES_TARGET_METRICS_H_
#define PERFRIG_SERVER_SUITES_TARGET_METRICS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "perfrig/v1/figures.pb.h"
#include "perfrig/v1/target.pb.h"
#include "server/suites/metrics_catalog.h"

namespace perfrig::suites {

// See FindFamilyMetric.
absl::StatusOr<MetricInfo> FindTargetMetric(std::string_view name,
                                            bool own_targets);

// The metric over a time, from the targets at its begin and its end: what is
// counted by its difference, the rest as it is at the end. `name` is right.
// FAILED_PRECONDITION where the target, or what it shall tell, is not there.
absl::StatusOr<v1::Observed> ReadTargetMetric(
    std::string_view name, const std::vector<v1::Target>& begin,
    const std::vector<v1::Target>& end);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_TARGET_METRICS_H_
