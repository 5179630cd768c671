#include "server/runs/executor.h"

#include <algorithm>
#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "common/suites/planned_time.h"
#include "google/protobuf/util/time_util.h"
#include "server/runs/hints.h"
#include "server/runs/named_metrics.h"
#include "server/runs/run_order.h"
#include "server/runs/skipped_tests.h"
#include "server/runs/verdicts.h"
#include "server/suites/secrets.h"
#include "server/suites/test_targets.h"
#include "server/suites/threshold.h"

namespace perfrig::runs {
namespace {

using google::protobuf::util::TimeUtil;

google::protobuf::Timestamp Now(const Clock& clock) {
  return TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(clock.WallTime()));
}

// A test that has run.
struct Unjudged {
  const SelectedSuite* chosen = nullptr;
  const v1::Test* test = nullptr;
  v1::TestResult* result = nullptr;
  // Whose figures its verdict needs, too.
  std::vector<TestKey> others = {};
};

v1::Verdict VerdictOf(const absl::Status& status) {
  return absl::IsCancelled(status) ? v1::CANCELLED : v1::ERROR;
}

// How long it took until the load was steady: the longest, and each round's.
void ShowWarmups(const std::vector<Nanos>& warmups, v1::TestResult& result) {
  if (warmups.empty()) return;
  const auto seconds = [](Nanos time) {
    return static_cast<double>(time) / kSecond;
  };
  v1::ShownFigure& shown = *result.add_shown();
  shown.set_expression("warmup");
  shown.set_value(seconds(*std::max_element(warmups.begin(), warmups.end())));
  std::vector<std::string> texts;
  for (const Nanos time : warmups) {
    texts.push_back(suites::FormatValue(seconds(time), suites::Unit::kSeconds));
  }
  shown.set_text(absl::StrJoin(texts, ", "));
}

void FillFigures(const TestOutcome& outcome, v1::TestResult& result) {
  const MeasuredTest& measured = outcome.measured;
  *result.mutable_figures() = measured.pooled.figures;
  for (const MeasuredRound& round : measured.rounds) {
    *result.add_rounds() = round.figures;
  }
  for (const auto& [step, figures] : measured.pooled.steps) {
    (*result.mutable_steps())[step] = figures;
  }
  ShowWarmups(outcome.warmups, result);
  *result.mutable_slowest() = {outcome.slowest.begin(), outcome.slowest.end()};
  *result.mutable_failed() = {outcome.failed.begin(), outcome.failed.end()};
  *result.mutable_cpu_profile() = {outcome.cpu_profile.begin(),
                                   outcome.cpu_profile.end()};
  *result.mutable_tries() = {outcome.tries.begin(), outcome.tries.end()};
}

void FillRig(const MeasuredTest& measured, v1::TestResult& result) {
  v1::RigFigures& rig = *result.mutable_rig();
  *rig.mutable_hiccups() = ToDistribution(measured.hiccups, true);
  rig.set_lane_cpu(measured.lane_cpu);
  rig.set_lanes(measured.lanes);
  *rig.mutable_mock_lateness() = ToDistribution(measured.mock_lateness, true);
  std::uint64_t disturbed = 0;
  std::uint64_t seconds = 0;
  for (const MeasuredRound& round : measured.rounds) {
    for (const auto& alike : round.seconds) {
      seconds += alike.seconds;
      if (alike.worst_hiccup > kMillisecond) disturbed += alike.seconds;
    }
  }
  rig.set_seconds(static_cast<std::uint32_t>(seconds));
  rig.set_disturbed_seconds(static_cast<std::uint32_t>(disturbed));

  const drivers::Connections& made = measured.pooled.connections;
  v1::ConnectionFigures& connections = *result.mutable_connections();
  connections.set_connections(made.made);
  connections.set_reconnects(made.reconnects);
  Histogram times;
  for (const Nanos time : made.connect_times) times.Record(time);
  *connections.mutable_connect() = ToDistribution(times, true);
}

}  // namespace

// State of one Execute.
struct Executor::Work {
  const v1::StartRunRequest& request;
  v1::Run& run;
  // With the reasons.
  std::map<TestKey, std::string> skipped = {};
  std::map<TestKey, TestOutcome> outcomes = {};
  // Tests that have not run yet.
  std::set<TestKey> left = {};
  NamedMetrics named = {};
  // In the order in which they ran.
  std::vector<Unjudged> unjudged = {};
  std::uint32_t index = 0;
  std::uint32_t total = 0;
  Nanos planned_in_all = 0;
  Nanos planned_done = 0;
};

Executor::Executor(Clock& clock, load::Generator& generator,
                   TargetAccess& access, std::stop_token stop,
                   ExecutorHooks hooks)
    : clock_(clock),
      generator_(generator),
      access_(access),
      stop_(std::move(stop)),
      hooks_(std::move(hooks)) {}

void Executor::Publish(Work& work, v1::RunEvent event) {
  *event.mutable_time() = Now(clock_);
  // Not each second: a run of many tests is large.
  if (!event.has_snapshot()) hooks_.on_run(work.run);
  hooks_.on_event(std::move(event));
}

absl::Status Executor::RefuseChangedTargets(
    const std::vector<SelectedSuite>& selected, bool reset) {
  const bool uses_self =
      TargetsOf(selected).contains(std::string(suites::kSelf));
  if (!uses_self || reset) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string address, access_.Resolve("self", stop_));
  const auto control = access_.Control(address, true, stop_);
  ASSIGN_OR_RETURN(const auto targets, control->List());
  for (const v1::Target& target : targets) {
    if (!target.changed()) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        target.name(),
        " was changed by hand; reset it (perfrig target reset) or run with "
        "--reset-targets"));
  }
  return absl::OkStatus();
}

void Executor::Execute(const std::vector<SelectedSuite>& selected,
                       const v1::StartRunRequest& request, v1::Run& run) {
  Work work{.request = request, .run = run, .named = MetricsNamed(selected)};
  work.skipped = SkippedTests(selected, [&](std::string_view need) {
    return access_.WhyLacking(need);
  });
  const std::vector<Turn> order = OrderOf(selected, request.shuffle_seed());
  for (const Turn& turn : order) {
    ++work.total;
    const TestKey key(turn.chosen->suite.name(), turn.test->name());
    if (work.skipped.contains(key)) continue;
    work.left.insert(key);
    work.planned_in_all += ExpectedTime(*turn.test);
  }
  v1::Verdict verdict = v1::SKIPPED;
  const absl::Status allowed =
      RefuseChangedTargets(selected, request.reset_targets());
  if (!allowed.ok()) {
    run.set_verdict(v1::ERROR);
    run.set_reason(std::string(allowed.message()));
    return;
  }
  run.clear_suites();
  std::map<const SelectedSuite*, v1::SuiteResult*> results;
  for (const Turn& turn : order) {
    v1::SuiteResult*& result = results[turn.chosen];
    if (result == nullptr) {
      result = run.add_suites();
      *result->mutable_suite() = suites::WithoutSecrets(turn.chosen->suite);
    }
    v1::TestResult& test_result = *result->add_tests();
    test_result.set_test(turn.test->name());
    test_result.set_needed_by_other(
        turn.chosen->needed.contains(turn.test->name()));
    const auto skipped =
        work.skipped.find({turn.chosen->suite.name(), turn.test->name()});
    if (skipped == work.skipped.end()) {
      RunTest(work, *turn.chosen, *turn.test, test_result);
    } else {
      SkipTest(work, turn.chosen->suite, skipped->second, test_result);
    }
  }
  for (v1::SuiteResult& suite : *run.mutable_suites()) {
    for (const v1::TestResult& test : suite.tests()) {
      suite.set_verdict(Worse(suite.verdict(), test.verdict()));
    }
    verdict = Worse(verdict, suite.verdict());
  }
  run.set_progress(1);
  run.clear_remaining();
  run.set_verdict(verdict);
  for (const v1::SuiteResult& suite : run.suites()) {
    for (const v1::TestResult& test : suite.tests()) {
      if (test.verdict() != verdict || !run.reason().empty()) continue;
      if (test.reason().empty()) continue;
      run.set_reason(absl::StrCat(test.test(), ": ", test.reason()));
    }
  }
}

void Executor::SkipTest(Work& work, const v1::Suite& suite,
                        const std::string& why, v1::TestResult& result) {
  ++work.index;
  result.set_state(v1::FINISHED);
  result.set_verdict(stop_.stop_requested() ? v1::CANCELLED : v1::SKIPPED);
  result.set_reason(stop_.stop_requested() ? "cancelled" : why);
  v1::RunEvent finished;
  finished.mutable_test_finished()->set_suite(suite.name());
  *finished.mutable_test_finished()->mutable_result() = result;
  Publish(work, std::move(finished));
}

void Executor::RunTest(Work& work, const SelectedSuite& chosen,
                       const v1::Test& test, v1::TestResult& result) {
  const v1::Suite& suite = chosen.suite;
  const Nanos planned = ExpectedTime(test);
  result.set_state(v1::RUNNING);
  *result.mutable_start_time() = Now(clock_);
  if (!stop_.stop_requested()) {
    v1::RunEvent started;
    started.mutable_test_started()->set_suite(suite.name());
    started.mutable_test_started()->set_test(test.name());
    started.mutable_test_started()->set_index(++work.index);
    started.mutable_test_started()->set_total(work.total);
    if (PlannedTime(test) != kNever) {
      *started.mutable_test_started()->mutable_planned() =
          TimeUtil::NanosecondsToDuration(planned);
    }
    Publish(work, std::move(started));
  }
  const Nanos begin = clock_.Now();
  TestRunner runner(clock_, generator_, access_, chosen.supplied, stop_);
  TestOutcome outcome = runner.Run(
      suite, test, work.named[{suite.name(), test.name()}],
      [&](const v1::Snapshot& snapshot) {
        const Nanos done =
            work.planned_done + std::min(planned, clock_.Now() - begin);
        work.run.set_progress(static_cast<double>(done) /
                              static_cast<double>(work.planned_in_all));
        *work.run.mutable_remaining() =
            TimeUtil::NanosecondsToDuration(work.planned_in_all - done);
        v1::RunEvent event;
        *event.mutable_snapshot() = snapshot;
        event.mutable_snapshot()->set_progress(work.run.progress());
        *event.mutable_snapshot()->mutable_remaining() = work.run.remaining();
        Publish(work, std::move(event));
      });
  work.planned_done += planned;
  // Whatever a cancelled test was busy with when it ended.
  if (stop_.stop_requested() && !outcome.status.ok()) {
    outcome.status = absl::CancelledError("cancelled");
  }
  FillFigures(outcome, result);
  FillRig(outcome.measured, result);
  *result.mutable_end_time() = Now(clock_);
  result.set_state(v1::FINISHED);
  const TestKey key(suite.name(), test.name());
  work.left.erase(key);
  Unjudged ran{&chosen, &test, &result};
  // One that could not run needs nobody else for its verdict.
  if (outcome.status.ok()) ran.others = OthersOf(suite, test);
  work.outcomes.emplace(key, std::move(outcome));
  work.unjudged.push_back(std::move(ran));
  JudgeWhatCanBe(work);
}

void Executor::JudgeWhatCanBe(Work& work) {
  const auto is_left = [&](const TestKey& key) {
    return work.left.contains(key);
  };
  std::vector<Unjudged> still;
  for (Unjudged& each : std::exchange(work.unjudged, {})) {
    if (std::any_of(each.others.begin(), each.others.end(), is_left)) {
      still.push_back(std::move(each));
      continue;
    }
    const v1::Suite& suite = each.chosen->suite;
    JudgeTest(work, suite, *each.test,
              work.outcomes.at({suite.name(), each.test->name()}),
              *each.result);
    v1::RunEvent finished;
    finished.mutable_test_finished()->set_suite(suite.name());
    *finished.mutable_test_finished()->mutable_result() = *each.result;
    Publish(work, std::move(finished));
  }
  work.unjudged = std::move(still);
}

void Executor::JudgeTest(const Work& work, const v1::Suite& suite,
                         const v1::Test& test, const TestOutcome& outcome,
                         v1::TestResult& result) const {
  if (!outcome.status.ok()) {
    result.set_verdict(VerdictOf(outcome.status));
    result.set_reason(std::string(outcome.status.message()));
    return;
  }
  const TestLookup lookup = [&](const std::string& suite_id,
                                const std::string& name) {
    const std::string full =
        suite_id.empty() ? suite.name() : absl::StrCat("suites/", suite_id);
    const auto found =
        work.outcomes.find({full, name.empty() ? test.name() : name});
    return found == work.outcomes.end() ? nullptr : &found->second.measured;
  };
  const Judged judged = Judge(suite, test, outcome.measured, lookup);
  result.set_verdict(judged.verdict);
  result.set_reason(judged.reason);
  *result.mutable_thresholds() = {judged.thresholds.begin(),
                                  judged.thresholds.end()};
  *result.mutable_hints() = {judged.hints.begin(), judged.hints.end()};
  for (v1::ShownFigure& shown : Show(suite, test, lookup)) {
    *result.add_shown() = std::move(shown);
  }
  // What the rig disturbed says nothing about the target.
  if (judged.verdict == v1::PASS || judged.verdict == v1::INVALID) return;
  for (std::string& hint : Hints({.figures = outcome.measured.pooled.figures,
                           .slowest = outcome.slowest,
                           .failed = outcome.failed,
                           .trend = outcome.trend,
                           .closed = outcome.measured.open_loops.empty()})) {
    result.add_hints(std::move(hint));
  }
}

}  // namespace perfrig::runs
