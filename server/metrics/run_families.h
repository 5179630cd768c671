// What Prometheus sees of runs and of the rig's own error.
#ifndef PERFRIG_SERVER_METRICS_RUN_FAMILIES_H_
#define PERFRIG_SERVER_METRICS_RUN_FAMILIES_H_

#include <prometheus/metric_family.h>

#include <vector>

#include "server/metrics/run_counters.h"
#include "server/metrics/scene.h"

namespace perfrig::metrics {

// Families of tests: `counters` has taken over the scene.
void AddTestFamilies(const Scene& scene, const RunCounters& counters,
                     std::vector<prometheus::MetricFamily>& families);
void AddThresholdFamilies(const Scene& scene,
                          std::vector<prometheus::MetricFamily>& families);
// Families of runs as a whole, and the queue.
void AddRunFamilies(const Scene& scene,
                    std::vector<prometheus::MetricFamily>& families);
void AddRigFamilies(const Scene& scene, const RunCounters& counters,
                    std::vector<prometheus::MetricFamily>& families);

}  // namespace perfrig::metrics

#endif  // PERFRIG_SERVER_METRICS_RUN_FAMILIES_H_
