#include "server/runs/rounds_interval.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/stats/interval.h"
#include "server/runs/metric_view.h"
#include "server/runs/verdict_text.h"

namespace perfrig::runs {
namespace {

// What the threshold judges, of this round alone.
std::optional<double> ObservedOf(const suites::Threshold& threshold,
                                 const MeasuredTest& measured,
                                 const MeasuredRound& round) {
  bool by_round = true;
  const auto lookup = [&](const suites::MetricRef& metric) {
    const auto value = ValueOfRound(measured, round, metric);
    by_round = by_round && value.has_value();
    return value.value_or(suites::MetricValue());
  };
  const suites::Evaluation figures =
      threshold.Evaluate(lookup, /*min_samples=*/0);
  if (!by_round || !figures.measured) return std::nullopt;
  return figures.observed;
}

}  // namespace

void AddRoundsInterval(const suites::Threshold& threshold,
                       const MeasuredTest& measured,
                       v1::ThresholdResult& result) {
  if (result.verdict() == v1::INCONCLUSIVE) return;
  std::vector<double> values;
  for (const MeasuredRound& round : measured.rounds) {
    const auto value = ObservedOf(threshold, measured, round);
    if (!value) return;
    values.push_back(*value);
  }
  const auto interval = MeanInterval95(values);
  if (!interval) return;
  result.set_reason(
      absl::StrCat(result.reason(), result.reason().empty() ? "" : "; ",
                   "95 % interval of the mean of ", values.size(),
                   " rounds: ", ValueText(interval->low, threshold), " to ",
                   ValueText(interval->high, threshold)));
}

}  // namespace perfrig::runs
