// Figures as thresholds name them, as measured or with the rig's own error
// taken off.
#ifndef PERFRIG_SERVER_RUNS_METRIC_VIEW_H_
#define PERFRIG_SERVER_RUNS_METRIC_VIEW_H_

#include <functional>
#include <optional>
#include <string>

#include "server/runs/measured_test.h"
#include "server/suites/threshold.h"

namespace perfrig::runs {

// How to look at the figures.
enum class Variant {
  kAsMeasured,
  // `service` in place of `latency`.
  kService,
  // Without the seconds in which a hiccup exceeded a limit.
  kQuietSeconds,
  // Less the mock's lateness at the same aggregate.
  kLessMockLateness,
};

struct ViewOptions {
  Variant variant = Variant::kAsMeasured;
  // For kQuietSeconds.
  Nanos hiccup_limit = kMillisecond;
};

// The test that a figure belongs to; null where it has not been measured.
// Empty suite or test: the one whose threshold is judged.
using TestLookup = std::function<const MeasuredTest*(const std::string& suite,
                                                     const std::string& test)>;

// Latency, throughput and observed means: the median of the rounds; samples
// are those of the smallest round. Rates and counts: of all rounds together.
suites::MetricValue ValueOf(const MeasuredTest& test,
                            const suites::MetricRef& metric,
                            const ViewOptions& options);

// The same of one of its rounds; nothing where the median of the rounds is not
// what is judged, or where the figure is another test's.
std::optional<suites::MetricValue> ValueOfRound(
    const MeasuredTest& test, const MeasuredRound& round,
    const suites::MetricRef& metric);

// For Threshold::Evaluate.
suites::MetricLookup MakeLookup(const TestLookup& tests, ViewOptions options);

// Whether the figure is another one without some of its seconds.
bool CountsBySeconds(const suites::MetricRef& metric);

// The largest hiccup that a second may hold and still count as quiet for this
// threshold.
Nanos HiccupLimit(const suites::Evaluation& figures,
                  const suites::Threshold& threshold);

// Share of seconds without a hiccup above the limit, over all rounds;
// nothing where there were none at all.
std::optional<double> QuietShare(const MeasuredTest& test, Nanos hiccup_limit);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_METRIC_VIEW_H_
