// What Prometheus sees of the mock targets.
#ifndef PERFRIG_SERVER_METRICS_TARGET_FAMILIES_H_
#define PERFRIG_SERVER_METRICS_TARGET_FAMILIES_H_

#include <prometheus/metric_family.h>

#include <vector>

#include "perfrig/v1/target.pb.h"

namespace perfrig::metrics {

// A reset of a target is a counter reset.
void AddTargetFamilies(const std::vector<v1::Target>& targets,
                       std::vector<prometheus::MetricFamily>& families);

}  // namespace perfrig::metrics

#endif  // PERFRIG_SERVER_METRICS_TARGET_FAMILIES_H_
