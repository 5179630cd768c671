// Takes the dotted names of thresholds apart.
#ifndef PERFRIG_SERVER_SUITES_METRIC_NAMES_H_
#define PERFRIG_SERVER_SUITES_METRIC_NAMES_H_

#include <cstddef>
#include <string_view>

#include "absl/status/statusor.h"
#include "perfrig/v1/suite.pb.h"
#include "server/suites/metrics_catalog.h"
#include "server/suites/threshold.h"

namespace perfrig::suites {

// As far as built-in metrics tell: one part before the metric counts as test.
// `offset` is where the name stands, for messages.
absl::StatusOr<MetricRef> SplitName(std::string_view name, std::size_t offset);

// A reference whose test, step and metric are known to be there.
struct ResolvedMetric {
  MetricRef ref;
  MetricInfo info;
  // False for what a suite observes that could not be asked.
  bool known = true;
};

// Fits a reference of `test` to its suite; INVALID_ARGUMENT "column N: …" with
// the nearest right name where it names nothing. Without `others`, tests, steps
// and observed metrics of other suites pass.
absl::StatusOr<ResolvedMetric> ResolveName(const MetricRef& ref,
                                           const v1::Suite& suite,
                                           const v1::Test& test,
                                           const FindSuite& others);

// "checkout" of "suites/checkout".
std::string_view ShortName(std::string_view suite);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_METRIC_NAMES_H_
