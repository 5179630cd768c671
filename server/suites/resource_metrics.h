// What the processes of a test's targets use, as metrics: "resources.memory".
#ifndef PERFRIG_SERVER_SUITES_RESOURCE_METRICS_H_
#define PERFRIG_SERVER_SUITES_RESOURCE_METRICS_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "server/suites/metrics_catalog.h"

namespace perfrig::suites {

// See FindFamilyMetric; whose targets they are makes no difference.
absl::StatusOr<MetricInfo> FindResourceMetric(std::string_view name,
                                              bool own_targets);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_RESOURCE_METRICS_H_
