#include "server/runs/verdicts.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/runs/grades.h"
#include "server/runs/round_values.h"
#include "server/runs/rounds_interval.h"
#include "server/runs/verdict_text.h"
#include "server/suites/figure.h"
#include "server/suites/threshold.h"

namespace perfrig::runs {
namespace {

using suites::Evaluation;
using suites::Threshold;

constexpr double kBusyLane = 0.9;
constexpr double kSentShare = 0.99;
constexpr double kQuietEnough = 0.5;
constexpr std::uint64_t kSamplesForP99 = 368;
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
    return absl::StrCat("holds on service times: ", ValueText(value, threshold),
                        "; the generator itself was late");
  }
  const Nanos limit = HiccupLimit(figures, threshold);
  const double quiet = QuietShare(measured, limit).value_or(0);
  if (quiet >= kQuietEnough && quiet < 1 &&
      holds(Variant::kQuietSeconds, limit, &value)) {
    return absl::StrCat("holds without the seconds in which the host paused: ",
                        ValueText(value, threshold));
  }
  if (measured.mock_lateness.count() > 0 &&
      holds(Variant::kLessMockLateness, kMillisecond, &value)) {
    return absl::StrCat("holds less the mock's own lateness: ",
                        ValueText(value, threshold));
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
  result.set_observed_text(ValueText(figures.observed, threshold));
  result.set_margin_text(MarginText(figures, threshold));
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
    result.set_grade(GradeOf(threshold, figures));
    result.set_reason(Reservation(threshold, figures, measured));
    return;
  }
  result.set_verdict(v1::INVALID);
  result.set_reason(fault);
}

// A threshold that must hold in every window.
void JudgeWindows(const Threshold& threshold, const MeasuredTest& measured,
                  v1::ThresholdResult& result) {
  const auto found = measured.windows.find(threshold.text());
  const WindowFigures figures =
      found == measured.windows.end() ? WindowFigures() : found->second;
  result.set_verdict(v1::INCONCLUSIVE);
  if (figures.judged == 0 && figures.too_few == 0) {
    result.set_observed_text("–");
    result.set_reason("there was no full window");
    return;
  }
  if (figures.missed == 0 && figures.too_few > 0) {
    result.set_observed_text("–");
    result.set_reason(absl::StrCat(
        figures.too_few, " of ", figures.windows, " windows have too few ",
        "samples: the first needs ", figures.fewest.samples_needed, ", has ",
        figures.fewest.samples));
    return;
  }
  const Evaluation& worst = figures.worst;
  result.set_observed(worst.observed);
  result.set_bound(worst.bound);
  result.set_observed_text(ValueText(worst.observed, threshold));
  result.set_margin_text(MarginText(worst, threshold));
  result.set_reason(WindowText(figures));
  if (figures.missed > 0) {
    result.set_verdict(v1::FAIL);
    result.set_grade(GradeOf(threshold, worst));
    result.set_reason(
        absl::StrCat("missed in ", figures.missed, "; ", WindowText(figures)));
  } else if (figures.missed_by_rig > 0) {
    result.set_verdict(v1::INVALID);
    result.set_reason(absl::StrCat(
        "the generator was late or the host paused in the windows that "
        "missed; ",
        WindowText(figures)));
  } else {
    result.set_verdict(v1::PASS);
  }
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
  expressions.insert(expressions.end(), test.abort_on_fail().begin(),
                     test.abort_on_fail().end());
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
    } else if (measured.ended_by &&
               measured.ended_by->expression() == expressions[i]) {
      result = *measured.ended_by;
    } else if (threshold->window() > 0) {
      JudgeWindows(*threshold, measured, result);
    } else {
      JudgeOne(*threshold, test, measured, tests, result);
      AddRoundsInterval(*threshold, measured, result);
    }
    if (Worse(judged.verdict, result.verdict()) != judged.verdict) {
      judged.verdict = result.verdict();
      judged.reason = ReasonOf(result);
    }
  }
  if (measured.ended_by) {
    // Whatever else was missed may have been for want of time.
    judged.verdict = v1::FAIL;
    judged.reason = ReasonOf(*measured.ended_by);
  } else {
    CheckPlan(measured, judged);
  }
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

}  // namespace perfrig::runs
