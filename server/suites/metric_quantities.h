// What the metrics of an expression measure.
#ifndef PERFRIG_SERVER_SUITES_METRIC_QUANTITIES_H_
#define PERFRIG_SERVER_SUITES_METRIC_QUANTITIES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "perfrig/v1/suite.pb.h"
#include "server/suites/quantity.h"
#include "server/suites/threshold.h"

namespace perfrig::suites {

// Before the suite is known: as far as the names alone tell.
std::vector<Quantity> GuessQuantities(const std::vector<MetricRef>& metrics);

struct ResolvedMetrics {
  // In the same order.
  std::vector<MetricRef> metrics;
  std::vector<Quantity> quantities;
};

// As ResolveName, for all of them.
absl::StatusOr<ResolvedMetrics> ResolveNames(
    const std::vector<MetricRef>& metrics, const v1::Suite& suite,
    const v1::Test& test, const FindSuite& others);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_METRIC_QUANTITIES_H_
