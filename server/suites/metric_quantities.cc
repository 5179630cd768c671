#include "server/suites/metric_quantities.h"

#include <string_view>

#include "common/status/macros.h"
#include "server/suites/metric_families.h"
#include "server/suites/metric_names.h"
#include "server/suites/metrics_catalog.h"

namespace perfrig::suites {
namespace {

Quantity QuantityOf(const MetricInfo& metric, std::string_view aggregate,
                    bool known) {
  Quantity quantity = QuantityOf(UnitOf(metric, aggregate));
  if (quantity.flavor != Flavor::kPlain) return quantity;
  if (IsShare(metric, aggregate)) {
    quantity.flavor = Flavor::kShare;
  } else if (aggregate == "count" || metric.kind == MetricKind::kCount) {
    quantity.flavor = Flavor::kCount;
  } else if (!known) {
    quantity.flavor = Flavor::kUnknown;
  }
  return quantity;
}

Quantity Guess(const MetricRef& ref) {
  const MetricInfo* metric = FindBuiltInMetric(ref.metric);
  if (metric != nullptr) return QuantityOf(*metric, ref.aggregate, true);
  if (InMetricFamily(ref.metric)) {
    const auto of_family = FindFamilyMetric(ref.metric, false);
    if (of_family.ok()) return QuantityOf(*of_family, ref.aggregate, true);
  }
  return QuantityOf({ref.metric, MetricKind::kObserved, Unit::kNone},
                    ref.aggregate, false);
}

}  // namespace

std::vector<Quantity> GuessQuantities(const std::vector<MetricRef>& metrics) {
  std::vector<Quantity> quantities;
  quantities.reserve(metrics.size());
  for (const MetricRef& ref : metrics) quantities.push_back(Guess(ref));
  return quantities;
}

absl::StatusOr<ResolvedMetrics> ResolveNames(
    const std::vector<MetricRef>& metrics, const v1::Suite& suite,
    const v1::Test& test, const FindSuite& others) {
  ResolvedMetrics result;
  for (const MetricRef& ref : metrics) {
    ASSIGN_OR_RETURN(const ResolvedMetric metric,
                     ResolveName(ref, suite, test, others));
    result.metrics.push_back(metric.ref);
    result.quantities.push_back(
        QuantityOf(metric.info, metric.ref.aggregate, metric.known));
  }
  return result;
}

}  // namespace perfrig::suites
