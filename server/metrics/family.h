// Building Prometheus families.
#ifndef PERFRIG_SERVER_METRICS_FAMILY_H_
#define PERFRIG_SERVER_METRICS_FAMILY_H_

#include <prometheus/metric_family.h>

#include <string>
#include <utility>
#include <vector>

#include "server/metrics/buckets.h"

namespace perfrig::metrics {

using Labels = std::vector<std::pair<std::string, std::string>>;

class Family {
 public:
  Family(std::string name, std::string help, prometheus::MetricType type);

  // For counters and gauges.
  void Add(const Labels& labels, double value);
  // For histograms.
  void Add(const Labels& labels, const BucketCounts& counts);

  // Families without series are left out.
  void MoveTo(std::vector<prometheus::MetricFamily>& families);

 private:
  prometheus::ClientMetric& AddSeries(const Labels& labels);

  prometheus::MetricFamily family_;
};

Family MakeCounter(std::string name, std::string help);
Family MakeGauge(std::string name, std::string help);
Family MakeHistogram(std::string name, std::string help);

}  // namespace perfrig::metrics

#endif  // PERFRIG_SERVER_METRICS_FAMILY_H_
