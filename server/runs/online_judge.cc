#include "server/runs/online_judge.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/suites/planned_time.h"
#include "google/protobuf/util/time_util.h"
#include "server/runs/grades.h"
#include "server/runs/metric_view.h"
#include "server/runs/verdict_text.h"

namespace perfrig::runs {
namespace {

using google::protobuf::util::TimeUtil;
using suites::Evaluation;
using suites::Threshold;

// Lanes hand over at about each second, so windows end at about their ends.
constexpr Nanos kLeeway = kSecond / 2;

// Calls in flight are no errors yet.
void CountSettledOnly(v1::Figures& figures) {
  figures.set_planned(figures.ok() + figures.failed() + figures.dropped());
}

// How far on the wrong side; negative on the right one.
double Excess(const Threshold& threshold, const Evaluation& figures) {
  const double apart = figures.observed - figures.bound;
  if (threshold.upper_bound()) return apart;
  return threshold.lower_bound() ? -apart : std::abs(apart);
}

// A miss weighs more than what holds, and one of the target more than one of
// the rig.
int WeightOf(const Evaluation& figures, bool by_rig) {
  if (figures.holds) return 0;
  return by_rig ? 1 : 2;
}

// Of the group that takes longest; kNever where one ends by count.
Nanos LoadTime(const v1::Test& test) {
  const Nanos round = PlannedRound(test);
  return round == kNever ? kNever : round - Warmup(test);
}

Evaluation EvaluateOn(const MeasuredTest& measured, const Threshold& threshold,
                      const v1::Test& test, Variant variant) {
  const TestLookup itself = [&](const std::string&, const std::string&) {
    return &measured;
  };
  const suites::MetricLookup lookup = MakeLookup(itself, {variant});
  return threshold.Evaluate(
      [&](const suites::MetricRef& ref) -> suites::MetricValue {
        const suites::MetricValue value = lookup(ref);
        // Where nothing was done in this time, none was done a second.
        if (ref.metric == "throughput" && !value.value) return {0, 0};
        return value;
      },
      test.min_samples());
}

bool HasSamples(const Evaluation& figures) {
  return figures.measured && figures.samples >= figures.samples_needed;
}

}  // namespace

void OnlineJudge::Span::Merge(const load::Second& second, Nanos time) {
  if (steps.empty()) {
    steps = second.steps;
  } else {
    for (std::size_t i = 0; i < steps.size(); ++i) {
      steps[i].Merge(second.steps[i]);
    }
  }
  length += time;
  worst_hiccup = std::max(worst_hiccup, second.worst_hiccup);
}

void OnlineJudge::Span::Clear() { *this = Span(); }

OnlineJudge::OnlineJudge(const v1::Suite& suite, const v1::Test& test,
                         FigureNames names)
    : test_(test),
      names_(std::move(names)),
      warmup_(TimeUtil::DurationToNanoseconds(test.warmup())),
      end_(LoadTime(test)) {
  // What cannot be read or resolved the final judgement tells.
  const auto read = [&](const std::string& text) {
    auto threshold = Threshold::Parse(text);
    const bool ok = threshold.ok() && threshold->Resolve(suite, test).ok();
    return ok ? std::optional<Threshold>(*std::move(threshold)) : std::nullopt;
  };
  for (const std::string& text : test.abort_on_fail()) {
    if (auto threshold = read(text)) ending_.push_back(*std::move(threshold));
  }
  for (const std::string& text : test.expect()) {
    auto threshold = read(text);
    if (!threshold || threshold->window() == 0) continue;
    const Nanos length = threshold->window();
    windows_.push_back({*std::move(threshold), length});
  }
}

void OnlineJudge::BeginRound(std::uint32_t round) {
  round_ = round;
  so_far_.Clear();
  for (Windowed& windowed : windows_) {
    windowed.number = 0;
    windowed.span.Clear();
  }
}

void OnlineJudge::Add(const load::Second& second) {
  if (second.warmup || !needed()) return;
  const Nanos from = so_far_.length;
  const Nanos to = std::max(from, second.elapsed - warmup_);
  so_far_.Merge(second, to - from);
  for (Windowed& windowed : windows_) AddToWindow(second, from, to, windowed);
  if (!ended_by_) JudgeSoFar();
}

void OnlineJudge::EndRound() {
  for (Windowed& windowed : windows_) CloseWindow(windowed);
}

void OnlineJudge::AddToWindow(const load::Second& second, Nanos from, Nanos to,
                              Windowed& windowed) {
  const Nanos middle = from + (to - from) / 2;
  // What is answered after the load's end has no window.
  if (end_ != kNever && middle >= end_) return;
  const std::int64_t number = middle / windowed.length;
  if (number != windowed.number) {
    CloseWindow(windowed);
    windowed.number = number;
  }
  windowed.span.Merge(second, to - from);
}

void OnlineJudge::CloseWindow(Windowed& windowed) const {
  const Span span = std::exchange(windowed.span, {});
  if (span.length < windowed.length - kLeeway) return;
  WindowFigures& figures = windowed.figures;
  ++figures.windows;
  const MeasuredTest measured = Measure(span);
  const Threshold& threshold = windowed.threshold;
  const Evaluation here =
      EvaluateOn(measured, threshold, test_, Variant::kAsMeasured);
  if (!HasSamples(here)) {
    if (figures.too_few++ == 0) figures.fewest = here;
    return;
  }
  bool by_rig = false;
  if (!here.holds) {
    const Evaluation service =
        EvaluateOn(measured, threshold, test_, Variant::kService);
    by_rig = service.holds || span.worst_hiccup > HiccupLimit(here, threshold);
    ++(by_rig ? figures.missed_by_rig : figures.missed);
  }
  const bool first = figures.judged++ == 0;
  const int before = WeightOf(figures.worst, figures.worst_by_rig);
  const int now = WeightOf(here, by_rig);
  if (first || now > before ||
      (now == before &&
       Excess(threshold, here) > Excess(threshold, figures.worst))) {
    figures.worst = here;
    figures.worst_by_rig = by_rig;
    figures.round = round_;
    figures.begin = windowed.number * windowed.length;
  }
}

MeasuredTest OnlineJudge::Measure(const Span& span) const {
  load::Measurement measurement;
  measurement.steps = span.steps;
  measurement.groups.resize(names_.groups.size());
  for (load::GroupEnd& end : measurement.groups) end.window = span.length;
  MeasuredTest measured;
  MeasuredRound& round =
      measured.rounds.emplace_back(ToMeasuredRound(measurement, names_));
  CountSettledOnly(round.figures);
  for (auto& [step, figures] : round.steps) CountSettledOnly(figures);
  PoolRounds(measured);
  return measured;
}

void OnlineJudge::JudgeSoFar() {
  if (ending_.empty() || so_far_.steps.empty()) return;
  const MeasuredTest measured = Measure(so_far_);
  for (const Threshold& threshold : ending_) {
    const Evaluation figures =
        EvaluateOn(measured, threshold, test_, Variant::kAsMeasured);
    if (!HasSamples(figures) || figures.holds) continue;
    v1::ThresholdResult& result = ended_by_.emplace();
    result.set_expression(threshold.text());
    result.set_verdict(v1::FAIL);
    result.set_grade(GradeOf(threshold, figures));
    result.set_observed(figures.observed);
    result.set_bound(figures.bound);
    result.set_observed_text(ValueText(figures.observed, threshold));
    result.set_margin_text(MarginText(figures, threshold));
    result.set_reason(absl::StrCat(
        "ended the test after ",
        suites::FormatValue(static_cast<double>(so_far_.length) / kSecond,
                            suites::Unit::kSeconds),
        test_.rounds() > 1 ? absl::StrCat(" of round ", round_ + 1) : ""));
    return;
  }
}

std::map<std::string, WindowFigures> OnlineJudge::windows() const {
  std::map<std::string, WindowFigures> all;
  for (const Windowed& windowed : windows_) {
    all[windowed.threshold.text()] = windowed.figures;
  }
  return all;
}

}  // namespace perfrig::runs
