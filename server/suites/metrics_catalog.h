// Which metrics there are, in which unit, and which aggregates each has.
// docs/suites-thresholds.md shows the same table.
#ifndef PERFRIG_SERVER_SUITES_METRICS_CATALOG_H_
#define PERFRIG_SERVER_SUITES_METRICS_CATALOG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perfrig::suites {

enum class Unit { kNone, kSeconds, kBytes, kPerSecond, kBytesPerSecond };

enum class MetricKind {
  // Of times: needs an aggregate (.p95, .avg, .min, .max, .stddev, .sum,
  // .count).
  kDistribution,
  // A plain number without an aggregate; also .per_second: divided by the
  // measured time.
  kCount,
  // A plain number without an aggregate.
  kNumber,
  // A share of 0 to 1 that must be named with .rate.
  kShare,
  // A share of 0 to 1 without an aggregate.
  kPlainShare,
  // How many calls ended with a status: .count, .rate (of those planned),
  // .per_second.
  kStatus,
  // What a test observes; all aggregates. .rate is the mean, .per_second the
  // sum divided by the measured time.
  kObserved,
};

struct MetricInfo {
  std::string name;
  MetricKind kind = MetricKind::kObserved;
  // Of the metric itself; .count, .rate and .per_second differ (see UnitOf).
  Unit unit = Unit::kNone;
};

// "latency", "calls.failed", "errors", …; "status.OK" and so on, one for each
// gRPC status.
const std::vector<std::string>& BuiltInMetrics();
// Null where there is no built-in metric of that name.
const MetricInfo* FindBuiltInMetric(std::string_view name);
// True for names that an observed metric or a step may not have: built-in
// metrics, their first parts ("calls", "status", "phase") and aggregates.
bool IsReservedName(std::string_view name);

// 0.95 of "p95", 0.999 of "p99.9"; above 0 and below 1.
std::optional<double> QuantileOf(std::string_view aggregate);
// "p95", "avg", "rate", …
bool IsAggregate(std::string_view text);
// Aggregates that metrics of a kind have, percentiles by their usual ones.
// Empty: the metric takes none.
const std::vector<std::string>& AggregatesOf(MetricKind kind);
// True if the kind has the aggregate; empty: none.
bool HasAggregate(MetricKind kind, std::string_view aggregate);
// Unit of a metric's aggregate.
Unit UnitOf(const MetricInfo& metric, std::string_view aggregate);
// True where the aggregate is a share of 0 to 1, shown in percent.
bool IsShare(const MetricInfo& metric, std::string_view aggregate);

// Samples that a quantile needs, so that its interval of 95 % lies within what
// was measured: p50 6, p90 36, p95 72, p99 368, p99.9 3,688.
std::uint64_t SamplesNeeded(double quantile);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_METRICS_CATALOG_H_
