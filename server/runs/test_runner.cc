#include "server/runs/test_runner.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/code_names.h"
#include "common/status/macros.h"
#include "common/suites/planned_time.h"
#include "google/protobuf/util/time_util.h"
#include "server/load/steadiness.h"
#include "server/runs/named_metrics.h"
#include "server/runs/planned_time.h"
#include "server/runs/snapshot_maker.h"
#include "server/runs/test_profile.h"
#include "server/suites/groups.h"
#include "server/suites/test_targets.h"

namespace perfrig::runs {
namespace {

using google::protobuf::util::TimeUtil;

constexpr std::size_t kKept = 10;
// Number of the round that warms up for the first; no measured one has it, so
// that what is measured was not drawn before.
constexpr std::uint32_t kFirstWarmUp = 1'000'000;

std::vector<std::string> OpenLoops(const v1::Test& test) {
  std::vector<std::string> names;
  for (const suites::GroupView& group : suites::GroupsOf(test)) {
    if (suites::IsOpen(*group.load)) names.push_back(group.name);
  }
  return names;
}

absl::Status CheckAllLocal(const v1::Test& test, bool local) {
  for (const suites::GroupView& group : suites::GroupsOf(test)) {
    for (const v1::Call& call : *group.calls) {
      if (IsLocal(call) == local) continue;
      return absl::InvalidArgumentError(
          "calls of one test are either all local or all remote");
    }
  }
  return absl::OkStatus();
}

bool ChangesBehavior(const v1::Test& test) {
  const auto changes = [](const v1::Action& action) {
    return action.has_behavior();
  };
  return std::any_of(test.before().begin(), test.before().end(), changes) ||
         std::any_of(test.after().begin(), test.after().end(), changes);
}

v1::CallSample ToProto(const load::Sample& sample, const FigureNames& names) {
  v1::CallSample proto;
  proto.set_sequence(sample.sequence);
  proto.set_step(names.steps[sample.step].name);
  *proto.mutable_at() = TimeUtil::NanosecondsToDuration(sample.at);
  proto.set_latency_ns(static_cast<std::uint64_t>(sample.latency));
  proto.set_service_ns(static_cast<std::uint64_t>(sample.service));
  proto.set_status(std::string(StatusName(sample.status)));
  proto.set_message(sample.message);
  for (const auto& [phase, time] : sample.phases) {
    (*proto.mutable_phases_ns())[phase] = static_cast<std::uint64_t>(time);
  }
  return proto;
}

void AddToTrend(const v1::Load& load, const load::Second& second,
                TestOutcome& outcome) {
  if (second.warmup || (load.stages().empty() && !load.has_search())) return;
  outcome.trend.Add(second.users > 0 ? second.users : second.planned_rate,
                    second.tally.latency);
}

// The mock's own error since the last reset, all targets together.
Histogram MockLateness(TargetControl& control) {
  Histogram lateness;
  const auto targets = control.List();
  if (!targets.ok()) return lateness;
  for (const v1::Target& target : *targets) {
    lateness.Merge(
        Histogram::FromProto(target.statistics().lateness().histogram()));
  }
  return lateness;
}

}  // namespace

TestOutcome TestRunner::Run(const v1::Suite& suite, const v1::Test& written,
                            const std::set<std::string>& named,
                            const OnSnapshot& on_snapshot) {
  TestOutcome outcome;
  v1::Test test = written;
  ObservePhases(named, test);
  Setting setting{.suite = suite, .test = test, .named = named};
  outcome.status = SetUp(setting);
  if (outcome.status.ok()) {
    outcome.status = RunProfiled(setting, on_snapshot, outcome);
  }
  Describe(setting, outcome.measured);
  if (setting.control != nullptr) {
    const absl::Status reset = setting.control->Reset();
    if (outcome.status.ok()) outcome.status = reset;
  }
  // Whatever went wrong because of that.
  if (setting.targets.spawned != nullptr && !stop_.stop_requested()) {
    const absl::Status alive = setting.targets.spawned->Check();
    if (!alive.ok()) outcome.status = alive;
  }
  return outcome;
}

void TestRunner::Describe(const Setting& setting, MeasuredTest& measured) {
  measured.local = setting.local;
  measured.open_loops = OpenLoops(setting.test);
  if (setting.control != nullptr && setting.targets.own) {
    measured.mock_lateness = MockLateness(*setting.control);
  }
  if (setting.judge != nullptr) {
    measured.windows = setting.judge->windows();
    measured.ended_by = setting.judge->ended_by();
  }
  PoolRounds(measured);
  if (setting.resources != nullptr) {
    setting.resources->AddGrowth(measured.pooled.figures);
  }
}

absl::Status TestRunner::SetUp(Setting& setting) {
  setting.supplied = supplied_;
  setting.supplied.now = clock_.WallTime();
  setting.time_limit_at = clock_.Now() + TimeLimit(setting.test);
  const v1::Call& first_call = suites::GroupsOf(setting.test)[0].calls->Get(0);
  setting.local = IsLocal(first_call);
  RETURN_IF_ERROR(CheckAllLocal(setting.test, setting.local));
  auto targets = suites::TargetsOf(setting.suite, setting.test);
  // Functions of this process need no others.
  if (setting.local) {
    std::replace(targets.begin(), targets.end(), std::string(suites::kSpawn),
                 std::string(suites::kSelf));
  }
  ASSIGN_OR_RETURN(setting.targets, Reach(targets, access_, stop_));
  if (setting.local) {
    setting.drivers = access_.MakeLocalDrivers();
  } else {
    auto types = access_.Types(setting.targets.addresses.front(),
                               setting.targets.own, stop_);
    if (absl::IsUnimplemented(types.status())) {
      return absl::UnimplementedError(
          absl::StrCat("cannot call ", first_call.method(), ": ",
                       std::string(types.status().message())));
    }
    RETURN_IF_ERROR(types.status());
    setting.types = *std::move(types);
    ASSIGN_OR_RETURN(setting.drivers,
                     access_.MakeDrivers(setting.targets.addresses));
  }
  if (setting.targets.own || ChangesBehavior(setting.test) ||
      NamesTargets(setting.named)) {
    ASSIGN_OR_RETURN(setting.control,
                     ControlOfAll(setting.targets, access_, stop_));
    RETURN_IF_ERROR(setting.control->Reset());
  }
  ASSIGN_OR_RETURN(
      setting.workloads,
      SuiteWorkloads::Compile(setting.suite, setting.test, setting.types.get(),
                              setting.supplied));
  setting.sequences.assign(setting.workloads->names().groups.size(), 0);
  return absl::OkStatus();
}

void TestRunner::BeginMeasuring(Setting& setting) const {
  setting.judge = std::make_unique<OnlineJudge>(setting.suite, setting.test,
                                                setting.workloads->names());
  if (setting.targets.spawned != nullptr || NamesResources(setting.named)) {
    setting.resources = std::make_unique<ResourceMeter>(
        clock_, [processes = ProcessesOf(setting.targets)] {
          return resources::UsageOf(processes);
        });
  }
}

absl::Status TestRunner::RunProfiled(Setting& setting,
                                     const OnSnapshot& on_snapshot,
                                     TestOutcome& outcome) {
  if (setting.test.profile() != v1::CPU) {
    return RunAll(setting, on_snapshot, outcome);
  }
  ASSIGN_OR_RETURN(const auto profile,
                   TestProfile::Begin(clock_, setting.targets));
  absl::Status status = RunAll(setting, on_snapshot, outcome);
  auto stacks = profile->End();
  if (!stacks.ok()) return status.ok() ? stacks.status() : status;
  outcome.cpu_profile = *std::move(stacks);
  return status;
}

absl::Status TestRunner::RunAll(Setting& setting, const OnSnapshot& on_snapshot,
                                TestOutcome& outcome) {
  return setting.test.load().has_search()
             ? RunSearch(setting, on_snapshot, outcome)
             : RunRounds(setting, on_snapshot, outcome);
}

absl::Status TestRunner::RunRounds(Setting& setting,
                                   const OnSnapshot& on_snapshot,
                                   TestOutcome& outcome) {
  BeginMeasuring(setting);
  for (std::uint32_t round = 0; round < Rounds(setting.test); ++round) {
    RETURN_IF_ERROR(RunRound(setting, round, on_snapshot, outcome));
    if (setting.judge->ended_by()) break;
  }
  return absl::OkStatus();
}

absl::Status TestRunner::RunRound(Setting& setting, std::uint32_t number,
                                  const OnSnapshot& on_snapshot,
                                  TestOutcome& outcome) {
  setting.supplied.captured.clear();
  RETURN_IF_ERROR(Act(setting, setting.test.before(), "before"));
  if (!setting.supplied.captured.empty()) {
    ASSIGN_OR_RETURN(
        setting.workloads,
        SuiteWorkloads::Compile(setting.suite, setting.test,
                                setting.types.get(), setting.supplied));
  }
  RETURN_IF_ERROR(MeasureRound(setting, number, on_snapshot, outcome));
  return Act(setting, setting.test.after(), "after");
}

load::Round TestRunner::MakeRound(const Setting& setting,
                                  std::uint32_t number) {
  load::Round round;
  round.groups.clear();
  for (const suites::GroupView& group : suites::GroupsOf(setting.test)) {
    round.groups.push_back(
        {*group.load, setting.sequences[round.groups.size()]});
  }
  if (setting.rate > 0) {
    round.groups[0].load.clear_search();
    round.groups[0].load.set_rate(setting.rate);
  }
  round.warmup = TimeUtil::DurationToNanoseconds(setting.test.warmup());
  round.grace = Grace(setting.test);
  round.number = number;
  round.drivers = setting.drivers.get();
  round.workloads = setting.workloads.get();
  round.local = setting.local;
  round.time_limit_at = setting.time_limit_at;
  return round;
}

absl::Status TestRunner::EndRound(Setting& setting,
                                  const load::Measurement& measurement) {
  for (std::size_t i = 0; i < setting.sequences.size(); ++i) {
    setting.sequences[i] = measurement.groups[i].next_sequence;
  }
  if (measurement.cancelled) return absl::CancelledError("cancelled");
  if (measurement.timed_out) {
    return absl::DeadlineExceededError(
        absl::StrCat("time limit passed ", measurement.elapsed / kSecond,
                     " s after the start of the round"));
  }
  return absl::OkStatus();
}

absl::Status TestRunner::WarmUp(Setting& setting, std::uint32_t number,
                                const OnSnapshot& on_snapshot,
                                TestOutcome& outcome) {
  std::stop_source enough;
  load::Round round = MakeRound(setting, kFirstWarmUp + number);
  // It is told when it is over.
  round.warmup = 2 * kLongestWarmup;
  round.enough = enough.get_token();
  SnapshotMaker snapshots(setting.suite, setting.test, number,
                          setting.workloads->names().observed);
  load::Steadiness steadiness;
  Nanos took = 0;
  const auto on_second = [&](const load::Second& second) {
    if (!enough.stop_requested()) {
      took = second.elapsed;
      if (steadiness.Add(second) || took >= kLongestWarmup) {
        enough.request_stop();
      }
    }
    on_snapshot(snapshots.Make(second));
  };
  ASSIGN_OR_RETURN(const load::Measurement measurement,
                   generator_.Run(round, on_second, stop_));
  outcome.warmups.push_back(took);
  return EndRound(setting, measurement);
}

absl::Status TestRunner::MeasureRound(Setting& setting, std::uint32_t number,
                                      const OnSnapshot& on_snapshot,
                                      TestOutcome& outcome) {
  if (stop_.stop_requested()) return absl::CancelledError("cancelled");
  if (setting.resources != nullptr) setting.resources->BeforeLoad();
  if (setting.test.warmup_auto()) {
    RETURN_IF_ERROR(WarmUp(setting, number, on_snapshot, outcome));
  }
  SnapshotMaker snapshots(setting.suite, setting.test, number,
                          setting.workloads->names().observed);
  OnlineJudge& judge = *setting.judge;
  load::Round round = MakeRound(setting, number);
  round.seconds_by_step = judge.needed();
  // Requested when a threshold ends the test.
  std::stop_source enough;
  round.enough = enough.get_token();
  TargetSpan targets(setting.named, setting.control.get());
  const auto on_second = [&](const load::Second& second) {
    // The last one comes as the warm-up ends.
    if (second.warmup) targets.Begin().IgnoreError();
    on_snapshot(snapshots.Make(second));
    AddToTrend(setting.test.load(), second, outcome);
    judge.Add(second);
    if (judge.ended_by()) enough.request_stop();
  };
  RETURN_IF_ERROR(targets.Begin());
  if (setting.resources != nullptr) setting.resources->BeginRound();
  judge.BeginRound(number);
  ASSIGN_OR_RETURN(const load::Measurement measurement,
                   generator_.Run(round, on_second, stop_));
  const Nanos begin = clock_.Now() - measurement.elapsed;
  judge.EndRound();
  // Whatever was measured before it had to end is worth showing.
  Keep(setting, measurement, outcome);
  v1::Figures& figures = outcome.measured.rounds.back().figures;
  if (setting.resources != nullptr) {
    setting.resources->EndRound(begin + round.warmup, figures);
  }
  RETURN_IF_ERROR(EndRound(setting, measurement));
  return targets.End(figures);
}

void TestRunner::Keep(const Setting& setting,
                      const load::Measurement& measurement,
                      TestOutcome& outcome) const {
  const FigureNames& names = setting.workloads->names();
  MeasuredTest& measured = outcome.measured;
  measured.rounds.push_back(ToMeasuredRound(measurement, names));
  measured.hiccups.Merge(measurement.hiccups);
  measured.lane_cpu = std::max(measured.lane_cpu, measurement.lane_cpu);
  measured.lanes = measurement.lanes;
  for (const load::Sample& sample : measurement.slowest) {
    outcome.slowest.push_back(ToProto(sample, names));
  }
  std::stable_sort(outcome.slowest.begin(), outcome.slowest.end(),
                   [](const v1::CallSample& a, const v1::CallSample& b) {
                     return a.latency_ns() > b.latency_ns();
                   });
  if (outcome.slowest.size() > kKept) outcome.slowest.resize(kKept);
  for (const load::Sample& sample : measurement.failed) {
    if (outcome.failed.size() == kKept) break;
    outcome.failed.push_back(ToProto(sample, names));
  }
}

}  // namespace perfrig::runs
