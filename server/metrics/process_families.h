// What Prometheus sees of this process, as everybody names it.
#ifndef PERFRIG_SERVER_METRICS_PROCESS_FAMILIES_H_
#define PERFRIG_SERVER_METRICS_PROCESS_FAMILIES_H_

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

namespace perfrig::metrics {

void AddBuildFamily(const std::string& version,
                    std::vector<prometheus::MetricFamily>& families);
// From /proc/self; families that the kernel does not tell are left out.
void AddProcessFamilies(std::vector<prometheus::MetricFamily>& families);

}  // namespace perfrig::metrics

#endif  // PERFRIG_SERVER_METRICS_PROCESS_FAMILIES_H_
