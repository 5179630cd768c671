#include "server/runs/verdicts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/runs/round_values.h"
#include "server/suites/figure.h"
#include "server/suites/threshold.h"

namespace perfrig::runs {
namespace {

using suites::Evaluation;
using suites::FormatValue;
using suites::Threshold;

constexpr double kBusyLane = 0.9;
constexpr double kSentShare = 0.99;
constexpr double kQuietEnough = 0.5;
constexpr std::uint64_t kSamplesForP99 = 368;
// What a target says of the call itself.
constexpr std::array<std::string_view, 7> kRefusals = {
    "INVALID_ARGUMENT", "NOT_FOUND",    "ALREADY_EXISTS", "PERMISSION_DENIED",
    "UNAUTHENTICATED",  "OUT_OF_RANGE", "UNIMPLEMENTED"};

std::string Text(double value, const Threshold& threshold) {
  if (std::isinf(value)) return "never";
  return FormatValue(value, threshold.unit(), threshold.is_share());
}

std::string Margin(const Evaluation& figures, const Threshold& threshold) {
  const double apart = figures.observed - figures.bound;
  if (std::isinf(apart)) return "";
  if (apart == 0) return "at the bound";
  if (threshold.is_share()) {
    return absl::StrFormat("%.3g points %s", std::abs(apart) * 100,
                           apart < 0 ? "below" : "above");
  }
  return absl::StrCat(Text(std::abs(apart), threshold),
                      apart < 0 ? " below" : " above");
}

// The largest hiccup that a second may hold and still count as quiet.
Nanos HiccupLimit(const Evaluation& figures, const Threshold& threshold) {
  if (threshold.unit() != suites::Unit::kSeconds) return kMillisecond;
  return std::max(kMillisecond, static_cast<Nanos>(figures.bound * 1e8));
}

// What an open loop did with its plan.
struct Sent {
  // Of a test of groups.
  std::string group;
  // Null: there is no open loop that planned anything.
  const v1::Figures* figures = nullptr;
  // Of the planned calls.
  double share = 1;
};

// The open loop that sent the smallest part of its plan.
Sent LeastSent(const MeasuredTest& measured) {
  Sent least;
  for (const std::string& group : measured.open_loops) {
    const v1::Figures* figures = FiguresOf(measured.pooled, group);
    if (figures == nullptr || figures->planned() == 0) continue;
    const double share = static_cast<double>(figures->sent()) /
                         static_cast<double>(figures->planned());
    if (share < least.share) least = {group, figures, share};
  }
  return least;
}

// At p99, or at the median where too few calls were sent to tell a p99.
bool LanesWereLate(const MeasuredTest& measured, const v1::Figures& figures) {
  const v1::Distribution& lag = figures.lag();
  const std::uint64_t late =
      lag.count() >= kSamplesForP99 ? lag.p99_ns() : lag.p50_ns();
  return late > static_cast<std::uint64_t>(kMillisecond) ||
         measured.lane_cpu > kBusyLane;
}

// Why the rig's own error explains a miss; empty where it does not.
std::string RigsFault(const Threshold& threshold, const Evaluation& figures,
                      const v1::Test& test, const MeasuredTest& measured,
                      const TestLookup& tests) {
  const auto holds = [&](Variant variant, Nanos limit, double* value) {
    const Evaluation again = threshold.Evaluate(
        MakeLookup(tests, {variant, limit}), test.min_samples());
    *value = again.observed;
    return again.measured && again.holds &&
           again.samples >= again.samples_needed;
  };
  double value = 0;
  // Between latency and service lie the generator's lag and the wait for the
  // peer's stream limit; the latter is no fault of the rig.
  const v1::Figures& pooled = measured.pooled.figures;
  if (pooled.lag().p99_ns() >= pooled.stream_wait().p99_ns() &&
      holds(Variant::kService, kMillisecond, &value)) {
    return absl::StrCat("holds on service times: ", Text(value, threshold),
                        "; the generator itself was late");
  }
  const Nanos limit = HiccupLimit(figures, threshold);
  const double quiet = QuietShare(measured, limit).value_or(0);
  if (quiet >= kQuietEnough && quiet < 1 &&
      holds(Variant::kQuietSeconds, limit, &value)) {
    return absl::StrCat("holds without the seconds in which the host paused: ",
                        Text(value, threshold));
  }
  if (measured.mock_lateness.count() > 0 &&
      holds(Variant::kLessMockLateness, kMillisecond, &value)) {
    return absl::StrCat("holds less the mock's own lateness: ",
                        Text(value, threshold));
  }
  const Sent sent = LeastSent(measured);
  if (sent.share < kSentShare && LanesWereLate(measured, *sent.figures)) {
    return "the generator could not send its plan in time";
  }
  if (!measured.local && measured.lane_cpu > kBusyLane) {
    return absl::StrFormat("a generator lane used %.0f %% of its core",
                           measured.lane_cpu * 100);
  }
  return "";
}

// What a miss that stands should be read with: a host that pauses all the time
// leaves nothing to compute it again from. Empty where enough is left.
std::string Reservation(const Threshold& threshold, const Evaluation& figures,
                        const MeasuredTest& measured) {
  const auto& metrics = threshold.metrics();
  if (!std::any_of(metrics.begin(), metrics.end(), CountsBySeconds)) return "";
  const auto quiet = QuietShare(measured, HiccupLimit(figures, threshold));
  if (quiet.value_or(1) >= kQuietEnough) return "";
  return absl::StrFormat(
      "the host paused in %.0f %% of the seconds: too few are left to compute "
      "it without them",
      (1 - *quiet) * 100);
}

void JudgeOne(const Threshold& threshold, const v1::Test& test,
              const MeasuredTest& measured, const TestLookup& tests,
              v1::ThresholdResult& result) {
  const Evaluation figures =
      threshold.Evaluate(MakeLookup(tests, {}), test.min_samples());
  result.set_observed(figures.observed);
  result.set_bound(figures.bound);
  if (!figures.measured) {
    result.set_verdict(v1::INCONCLUSIVE);
    result.set_observed_text("–");
    result.set_reason("nothing was measured");
    return;
  }
  result.set_observed_text(Text(figures.observed, threshold));
  result.set_margin_text(Margin(figures, threshold));
  if (figures.samples < figures.samples_needed) {
    result.set_verdict(v1::INCONCLUSIVE);
    result.set_reason(absl::StrCat(
        "needs ", figures.samples_needed, " samples, has ", figures.samples,
        ": ", figures.samples_needed - figures.samples, " more"));
    return;
  }
  if (figures.holds) {
    result.set_verdict(v1::PASS);
    return;
  }
  const std::string fault =
      RigsFault(threshold, figures, test, measured, tests);
  if (fault.empty()) {
    result.set_verdict(v1::FAIL);
    result.set_reason(Reservation(threshold, figures, measured));
    return;
  }
  result.set_verdict(v1::INVALID);
  result.set_reason(fault);
}

const char* Culprit(const v1::Figures& figures, bool rig) {
  if (rig) return ": the generator was late";
  return figures.dropped() > 0 ? ": the target filled max_in_flight"
                               : ": there was no connection to send them on";
}

// Open loops that sent too little of their plan cannot pass.
void CheckPlan(const MeasuredTest& measured, Judged& judged) {
  const Sent sent = LeastSent(measured);
  if (sent.share >= kSentShare) return;
  const bool rig = LanesWereLate(measured, *sent.figures);
  const std::string text = absl::StrFormat(
      "%ssent %.1f %% of the planned calls (at least 99 %% are needed)",
      sent.group.empty() ? "" : sent.group + " ", sent.share * 100);
  const v1::Verdict verdict = rig ? v1::INVALID : v1::FAIL;
  const std::string why = absl::StrCat(text, Culprit(*sent.figures, rig));
  if (Worse(judged.verdict, verdict) == verdict) {
    // A threshold that was missed as badly was missed for this.
    const bool alike = judged.verdict == verdict && !judged.reason.empty();
    judged.reason = alike ? absl::StrCat(why, "; ", judged.reason) : why;
    judged.verdict = verdict;
  }
  judged.hints.push_back(why);
}

std::string ReasonOf(const v1::ThresholdResult& result) {
  std::string reason =
      absl::StrCat(result.expression(), ": ", result.observed_text());
  if (!result.margin_text().empty() && result.verdict() != v1::INCONCLUSIVE) {
    absl::StrAppend(&reason, ", ", result.margin_text(), " the bound");
  }
  if (!result.reason().empty()) {
    absl::StrAppend(&reason, " (", result.reason(), ")");
  }
  return reason;
}

}  // namespace

v1::Verdict Worse(v1::Verdict a, v1::Verdict b) {
  // The enum is in this order.
  return std::max(a, b);
}

Judged Judge(const v1::Suite& suite, const v1::Test& test,
             const MeasuredTest& measured, const TestLookup& tests) {
  Judged judged;
  const auto implied = suites::ImpliedThreshold(test);
  std::vector<std::string> expressions(test.expect().begin(),
                                       test.expect().end());
  if (implied) expressions.push_back(*implied);
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    v1::ThresholdResult& result = judged.thresholds.emplace_back();
    result.set_expression(expressions[i]);
    result.set_implied(implied && i + 1 == expressions.size());
    auto threshold = Threshold::Parse(expressions[i]);
    absl::Status status = threshold.status();
    if (status.ok()) status = threshold->Resolve(suite, test);
    if (!status.ok()) {
      result.set_verdict(v1::ERROR);
      result.set_reason(std::string(status.message()));
    } else {
      JudgeOne(*threshold, test, measured, tests, result);
    }
    if (Worse(judged.verdict, result.verdict()) != judged.verdict) {
      judged.verdict = result.verdict();
      judged.reason = ReasonOf(result);
    }
  }
  CheckPlan(measured, judged);
  return judged;
}

std::vector<v1::ShownFigure> Show(const v1::Suite& suite, const v1::Test& test,
                                  const TestLookup& tests) {
  std::vector<v1::ShownFigure> all;
  for (const std::string& text : test.show()) {
    v1::ShownFigure& shown = all.emplace_back();
    shown.set_expression(text);
    shown.set_text("–");
    auto figure = suites::Figure::Parse(text);
    if (!figure.ok() || !figure->Resolve(suite, test).ok()) continue;
    const auto value = figure->Evaluate(MakeLookup(tests, {}));
    if (!value) continue;
    shown.set_value(*value);
    shown.set_text(std::isinf(*value) ? "never" : figure->Text(*value));
  }
  return all;
}

// Whether most failures are the fault of the calls, whatever the load.
bool MostlyRefused(const v1::Figures& figures) {
  std::uint64_t refused = 0;
  std::uint64_t failed = 0;
  for (const auto& [status, count] : figures.statuses()) {
    if (status == "OK") continue;
    failed += count;
    if (std::find(kRefusals.begin(), kRefusals.end(), status) !=
        kRefusals.end()) {
      refused += count;
    }
  }
  return refused * 2 > failed;
}

std::vector<std::string> Hints(const v1::Figures& figures,
                               const std::vector<v1::CallSample>& failed) {
  std::vector<std::string> hints;
  const v1::Distribution& latency = figures.latency();
  if (figures.planned() > 0 && figures.ok() * 100 < figures.planned() * 95) {
    hints.push_back(
        MostlyRefused(figures)
            ? "success below 95 %: the target refuses what the calls ask for"
            : "success below 95 %: the target is overloaded or broken");
  }
  if (latency.count() >= kSamplesForP99 &&
      latency.p99_ns() < static_cast<std::uint64_t>(kNever) &&
      latency.p99_ns() > 3 * latency.p95_ns()) {
    hints.push_back(
        "p99 is over three times p95: outliers, look at errors and stalls");
  }
  if (latency.count() >= 36 && latency.stddev_ns() > latency.mean_ns() / 2) {
    hints.push_back(
        "standard deviation above half the average: latency is inconsistent");
  }
  if (figures.dropped() > 0) {
    hints.push_back(
        absl::StrCat(figures.dropped(), " planned calls were never sent"));
  }
  if (figures.stream_wait().count() > 0 &&
      figures.stream_wait().p95_ns() > 1'000'000) {
    hints.push_back(
        "calls waited for the peer's stream limit: more connections help");
  }
  for (const auto& [status, count] : figures.statuses()) {
    if (status == "OK") continue;
    std::string hint = absl::StrCat(count, " × ", status);
    for (const v1::CallSample& sample : failed) {
      if (sample.status() != status || sample.message().empty()) continue;
      absl::StrAppend(&hint, ", first: ", sample.message());
      break;
    }
    hints.push_back(std::move(hint));
  }
  return hints;
}

}  // namespace perfrig::runs
