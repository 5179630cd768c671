#include "server/metrics/family.h"

namespace perfrig::metrics {
namespace {

double ToSeconds(double nanos) { return nanos / 1e9; }

}  // namespace

Family::Family(std::string name, std::string help,
               prometheus::MetricType type) {
  family_.name = std::move(name);
  family_.help = std::move(help);
  family_.type = type;
}

prometheus::ClientMetric& Family::AddSeries(const Labels& labels) {
  prometheus::ClientMetric& metric = family_.metric.emplace_back();
  for (const auto& [name, value] : labels) {
    metric.label.push_back({name, value});
  }
  return metric;
}

void Family::Add(const Labels& labels, double value) {
  prometheus::ClientMetric& metric = AddSeries(labels);
  metric.counter.value = value;
  metric.gauge.value = value;
}

void Family::Add(const Labels& labels, const BucketCounts& counts) {
  prometheus::ClientMetric& metric = AddSeries(labels);
  metric.histogram.sample_count = counts.count();
  metric.histogram.sample_sum = ToSeconds(counts.sum_ns());
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < counts.bounds().size(); ++i) {
    cumulative += counts.counts()[i];
    metric.histogram.bucket.push_back(
        {cumulative, ToSeconds(static_cast<double>(counts.bounds()[i]))});
  }
}

void Family::MoveTo(std::vector<prometheus::MetricFamily>& families) {
  if (!family_.metric.empty()) families.push_back(std::move(family_));
}

Family MakeCounter(std::string name, std::string help) {
  return {std::move(name), std::move(help), prometheus::MetricType::Counter};
}

Family MakeGauge(std::string name, std::string help) {
  return {std::move(name), std::move(help), prometheus::MetricType::Gauge};
}

Family MakeHistogram(std::string name, std::string help) {
  return {std::move(name), std::move(help), prometheus::MetricType::Histogram};
}

}  // namespace perfrig::metrics
