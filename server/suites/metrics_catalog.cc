#include "server/suites/metrics_catalog.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "absl/strings/str_cat.h"
#include "common/status/code_names.h"
#include "server/suites/metric_families.h"

namespace perfrig::suites {
namespace {

// Of the interval that must lie within what was measured, each side.
constexpr double kTail = 0.025;

std::vector<MetricInfo> MakeMetrics() {
  using enum MetricKind;
  std::vector<MetricInfo> metrics;
  for (const char* name : {"latency", "latency_all", "service", "lag",
                           "first_message", "message_gap", "stream_wait",
                           "message_latency", "backoff", "connect"}) {
    metrics.push_back({name, kDistribution, Unit::kSeconds});
  }
  for (const char* name :
       {"calls.planned", "calls.sent", "calls.ok", "calls.failed", "late",
        "dropped", "unfinished", "retries", "reconnects", "messages.sent",
        "messages.received"}) {
    metrics.push_back({name, kCount, Unit::kNone});
  }
  metrics.push_back({"bytes.sent", kCount, Unit::kBytes});
  metrics.push_back({"bytes.received", kCount, Unit::kBytes});
  metrics.push_back({"throughput", kNumber, Unit::kPerSecond});
  metrics.push_back({"goodput", kNumber, Unit::kPerSecond});
  metrics.push_back({"elapsed", kNumber, Unit::kSeconds});
  metrics.push_back({"errors", kShare, Unit::kNone});
  metrics.push_back({"success", kShare, Unit::kNone});
  metrics.push_back({"good", kShare, Unit::kNone});
  metrics.push_back({"availability", kPlainShare, Unit::kNone});
  metrics.push_back({"search.rate", kNumber, Unit::kPerSecond});
  for (const std::string_view status : kStatusNames) {
    metrics.push_back(
        {absl::StrCat("status.", std::string(status)), kStatus, Unit::kNone});
  }
  return metrics;
}

const std::vector<MetricInfo>& Metrics() {
  static const auto& metrics = *new std::vector<MetricInfo>(MakeMetrics());
  return metrics;
}

bool AllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
}

using Names = std::vector<std::string>;

}  // namespace

const std::vector<std::string>& BuiltInMetrics() {
  static const auto& names = *[] {
    auto* all = new Names;
    for (const MetricInfo& metric : Metrics()) all->push_back(metric.name);
    return all;
  }();
  return names;
}

const MetricInfo* FindBuiltInMetric(std::string_view name) {
  const auto& metrics = Metrics();
  const auto found = std::find_if(
      metrics.begin(), metrics.end(),
      [&](const MetricInfo& metric) { return metric.name == name; });
  return found == metrics.end() ? nullptr : &*found;
}

bool IsReservedName(std::string_view name) {
  if (IsAggregate(name) || IsMetricFamily(name)) return true;
  return std::any_of(BuiltInMetrics().begin(), BuiltInMetrics().end(),
                     [&](std::string_view metric) {
                       return metric.substr(0, metric.find('.')) == name;
                     });
}

std::optional<double> QuantileOf(std::string_view aggregate) {
  if (aggregate.empty() || aggregate.front() != 'p') return std::nullopt;
  const std::string_view digits = aggregate.substr(1);
  const std::size_t dot = digits.find('.');
  const std::string_view whole = digits.substr(0, dot);
  if (!AllDigits(whole) || whole.size() > 2) return std::nullopt;
  double quantile = std::stod(std::string(whole)) / 100;
  if (dot != std::string_view::npos) {
    const std::string_view part = digits.substr(dot + 1);
    if (!AllDigits(part) || part.size() > 4) return std::nullopt;
    quantile = std::stod(std::string(digits)) / 100;
  }
  if (quantile <= 0) return std::nullopt;
  return quantile;
}

bool IsAggregate(std::string_view text) {
  const auto& all = AggregatesOf(MetricKind::kObserved);
  return QuantileOf(text).has_value() ||
         std::find(all.begin(), all.end(), text) != all.end();
}

const std::vector<std::string>& AggregatesOf(MetricKind kind) {
  static const auto& table = *new std::map<MetricKind, Names>{
      {MetricKind::kDistribution,
       {"p50", "p90", "p95", "p99", "p99.9", "avg", "min", "max", "stddev",
        "sum", "count"}},
      {MetricKind::kCount, {"per_second"}},
      {MetricKind::kNumber, {}},
      {MetricKind::kShare, {"rate"}},
      {MetricKind::kPlainShare, {}},
      {MetricKind::kStatus, {"count", "rate", "per_second"}},
      {MetricKind::kObserved,
       {"p50", "p90", "p95", "p99", "p99.9", "avg", "min", "max", "stddev",
        "sum", "count", "rate", "per_second"}},
  };
  return table.at(kind);
}

bool HasAggregate(MetricKind kind, std::string_view aggregate) {
  if (aggregate.empty()) {
    return kind == MetricKind::kCount || kind == MetricKind::kNumber ||
           kind == MetricKind::kPlainShare;
  }
  if (kind == MetricKind::kDistribution && QuantileOf(aggregate).has_value()) {
    return true;
  }
  const auto& names = AggregatesOf(kind);
  return std::find(names.begin(), names.end(), aggregate) != names.end();
}

Unit UnitOf(const MetricInfo& metric, std::string_view aggregate) {
  if (aggregate == "count" || aggregate == "rate") return Unit::kNone;
  if (aggregate == "per_second") {
    return metric.unit == Unit::kBytes ? Unit::kBytesPerSecond
                                       : Unit::kPerSecond;
  }
  return metric.unit;
}

bool IsShare(const MetricInfo& metric, std::string_view aggregate) {
  return aggregate == "rate" || metric.kind == MetricKind::kPlainShare;
}

std::uint64_t SamplesNeeded(double quantile) {
  const double inside = std::max(quantile, 1 - quantile);
  return static_cast<std::uint64_t>(
      std::ceil(std::log(kTail) / std::log(inside)));
}

}  // namespace perfrig::suites
