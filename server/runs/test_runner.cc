#include "server/runs/test_runner.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/code_names.h"
#include "common/status/macros.h"
#include "google/protobuf/util/time_util.h"
#include "server/runs/call_once.h"
#include "server/runs/snapshot_maker.h"

namespace perfrig::runs {
namespace {

using google::protobuf::util::TimeUtil;

constexpr Nanos kDefaultGrace = 30 * kSecond;
constexpr Nanos kShortestTimeLimit = 60 * kSecond;
constexpr std::size_t kKept = 10;

std::uint32_t Rounds(const v1::Test& test) {
  return std::max<std::uint32_t>(1, test.rounds());
}

Nanos Grace(const v1::Test& test) {
  return test.has_grace() ? TimeUtil::DurationToNanoseconds(test.grace())
                          : kDefaultGrace;
}

bool IsOpenLoop(const v1::Load& load) {
  if (load.stages_size() > 0) {
    return load.stages(0).level_case() == v1::Stage::kRate;
  }
  return load.rate() > 0 || load.burst() > 0;
}

bool ChangesBehavior(const v1::Test& test) {
  const auto changes = [](const v1::Action& action) {
    return action.has_behavior();
  };
  return std::any_of(test.before().begin(), test.before().end(), changes) ||
         std::any_of(test.after().begin(), test.after().end(), changes);
}

v1::CallSample ToProto(const load::Sample& sample,
                       const std::vector<std::string>& steps) {
  v1::CallSample proto;
  proto.set_sequence(sample.sequence);
  if (steps.size() > 1) proto.set_step(steps[sample.step]);
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

absl::StatusOr<TestTargets> ResolveTargets(const v1::Suite& suite,
                                           TargetAccess& access,
                                           const std::stop_token& stop) {
  TestTargets targets;
  targets.self = true;
  const auto resolve = [&](const std::string& target) -> absl::Status {
    ASSIGN_OR_RETURN(std::string address, access.Resolve(target, stop));
    targets.addresses.push_back(std::move(address));
    targets.self = targets.self && target == "self";
    return absl::OkStatus();
  };
  if (suite.targets().empty()) RETURN_IF_ERROR(resolve("self"));
  for (const std::string& target : suite.targets()) {
    RETURN_IF_ERROR(resolve(target));
  }
  return targets;
}

Nanos TimeLimit(const v1::Test& test) {
  if (test.has_time_limit()) {
    return TimeUtil::DurationToNanoseconds(test.time_limit());
  }
  const Nanos planned = load::PlannedTime(test.load());
  if (planned == kNever) return kShortestTimeLimit;
  const Nanos warmup = TimeUtil::DurationToNanoseconds(test.warmup());
  return std::max(kShortestTimeLimit,
                  (planned + warmup + Grace(test)) * Rounds(test));
}

TestOutcome TestRunner::Run(const v1::Suite& suite, const v1::Test& test,
                            const OnSnapshot& on_snapshot) {
  TestOutcome outcome;
  Setting setting{.suite = suite, .test = test};
  outcome.status = SetUp(setting);
  if (outcome.status.ok()) {
    outcome.status = RunRounds(setting, on_snapshot, outcome);
  }
  outcome.measured.local = setting.local;
  outcome.measured.open_loop = IsOpenLoop(test.load());
  if (setting.control != nullptr) {
    if (setting.targets.self) {
      outcome.measured.mock_lateness = MockLateness(*setting.control);
    }
    const absl::Status reset = setting.control->Reset();
    if (outcome.status.ok()) outcome.status = reset;
  }
  PoolRounds(outcome.measured);
  return outcome;
}

absl::Status TestRunner::SetUp(Setting& setting) {
  setting.time_limit_at = clock_.Now() + TimeLimit(setting.test);
  setting.local = IsLocal(setting.test.calls(0));
  for (const v1::Call& call : setting.test.calls()) {
    if (IsLocal(call) != setting.local) {
      return absl::InvalidArgumentError(
          "calls of one test are either all local or all remote");
    }
  }
  ASSIGN_OR_RETURN(setting.targets,
                   ResolveTargets(setting.suite, access_, stop_));
  const std::string& first = setting.targets.addresses.front();
  if (setting.local) {
    setting.drivers = access_.MakeLocalDrivers();
  } else {
    auto types = access_.Types(first, setting.targets.self, stop_);
    if (absl::IsUnimplemented(types.status())) {
      return absl::UnimplementedError(
          absl::StrCat("cannot call ", setting.test.calls(0).method(), ": ",
                       std::string(types.status().message())));
    }
    RETURN_IF_ERROR(types.status());
    setting.types = *std::move(types);
    ASSIGN_OR_RETURN(setting.drivers,
                     access_.MakeDrivers(setting.targets.addresses));
  }
  if (setting.targets.self || ChangesBehavior(setting.test)) {
    setting.control = access_.Control(first, setting.targets.self, stop_);
    if (setting.control == nullptr) {
      return absl::FailedPreconditionError(absl::StrCat(
          first, " hosts no mock targets whose behavior could be changed"));
    }
    RETURN_IF_ERROR(setting.control->Reset());
  }
  ASSIGN_OR_RETURN(setting.workloads,
                   SuiteWorkloads::Compile(setting.suite, setting.test,
                                           setting.types.get(), variables_));
  return absl::OkStatus();
}

absl::Status TestRunner::RunRounds(Setting& setting,
                                   const OnSnapshot& on_snapshot,
                                   TestOutcome& outcome) {
  std::uint64_t sequence = 0;
  for (std::uint32_t round = 0; round < Rounds(setting.test); ++round) {
    RETURN_IF_ERROR(Act(setting, setting.test.before(), "before"));
    RETURN_IF_ERROR(RunRound(setting, round, sequence, on_snapshot, outcome));
    RETURN_IF_ERROR(Act(setting, setting.test.after(), "after"));
  }
  return absl::OkStatus();
}

absl::Status TestRunner::RunRound(Setting& setting, std::uint32_t number,
                                  std::uint64_t& sequence,
                                  const OnSnapshot& on_snapshot,
                                  TestOutcome& outcome) {
  if (stop_.stop_requested()) return absl::CancelledError("cancelled");
  load::Round round;
  round.load = setting.test.load();
  round.warmup = TimeUtil::DurationToNanoseconds(setting.test.warmup());
  round.grace = Grace(setting.test);
  round.first_sequence = sequence;
  round.number = number;
  round.drivers = setting.drivers.get();
  round.workloads = setting.workloads.get();
  round.local = setting.local;
  round.time_limit_at = setting.time_limit_at;
  SnapshotMaker snapshots(setting.suite, setting.test, number,
                          setting.workloads->observed());
  ASSIGN_OR_RETURN(load::Measurement measurement,
                   generator_.Run(
                       round,
                       [&](const load::Second& second) {
                         on_snapshot(snapshots.Make(second));
                       },
                       stop_));
  sequence = measurement.next_sequence;
  // Whatever was measured before it had to end is worth showing.
  Keep(setting, measurement, outcome);
  if (measurement.cancelled) return absl::CancelledError("cancelled");
  if (measurement.timed_out) {
    return absl::DeadlineExceededError(
        absl::StrCat("time limit passed ", measurement.elapsed / kSecond,
                     " s after the start of the round"));
  }
  return absl::OkStatus();
}

void TestRunner::Keep(const Setting& setting,
                      const load::Measurement& measurement,
                      TestOutcome& outcome) const {
  const auto& steps = setting.workloads->steps();
  MeasuredTest& measured = outcome.measured;
  measured.rounds.push_back(
      ToMeasuredRound(measurement, setting.workloads->observed(), steps));
  measured.hiccups.Merge(measurement.hiccups);
  measured.lane_cpu = std::max(measured.lane_cpu, measurement.lane_cpu);
  measured.lanes = measurement.lanes;
  for (const load::Sample& sample : measurement.slowest) {
    outcome.slowest.push_back(ToProto(sample, steps));
  }
  std::stable_sort(outcome.slowest.begin(), outcome.slowest.end(),
                   [](const v1::CallSample& a, const v1::CallSample& b) {
                     return a.latency_ns() > b.latency_ns();
                   });
  if (outcome.slowest.size() > kKept) outcome.slowest.resize(kKept);
  for (const load::Sample& sample : measurement.failed) {
    if (outcome.failed.size() == kKept) break;
    outcome.failed.push_back(ToProto(sample, steps));
  }
}

absl::Status TestRunner::Act(
    Setting& setting,
    const google::protobuf::RepeatedPtrField<v1::Action>& actions,
    const char* when) {
  for (int i = 0; i < actions.size(); ++i) {
    if (stop_.stop_requested()) return absl::CancelledError("cancelled");
    const v1::Action& action = actions[i];
    const absl::Status status = action.has_behavior()
                                    ? setting.control->Update(action.behavior())
                                    : MakeCall(setting, action.call());
    if (!status.ok()) {
      return {status.code(),
              absl::StrCat(when, "[", i, "]: ", std::string(status.message()))};
    }
  }
  return absl::OkStatus();
}

absl::Status TestRunner::MakeCall(Setting& setting, const v1::Call& call) {
  ASSIGN_OR_RETURN(const CompiledCall compiled,
                   CompileCall(call, setting.suite.defaults(),
                               setting.types.get(), {}, {}, variables_));
  drivers::Request request;
  std::uint64_t random = 1;
  const std::vector<std::string> captured;
  RETURN_IF_ERROR(FillRequest(
      compiled, {.sequence = 0, .random = &random, .captured = &captured},
      request));
  ASSIGN_OR_RETURN(const OneAnswer answer,
                   CallOnce(clock_, *setting.drivers, request, stop_,
                            setting.time_limit_at));
  std::vector<std::pair<std::string, std::string>> trailers;
  trailers.reserve(answer.trailers.size());
  for (const auto& [name, value] : answer.trailers) {
    trailers.emplace_back(name, value);
  }
  std::vector<std::string> nothing;
  const suites::CallVerdict verdict =
      compiled.program->Judge({.status = answer.status,
                               .message = answer.message,
                               .trailers = &trailers,
                               .latency = answer.done - answer.sent,
                               .service = answer.done - answer.sent},
                              nothing);
  if (verdict.ok) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      call.method(), " ended as ", std::string(StatusName(answer.status)),
      answer.status_message.empty() ? "" : ": ", answer.status_message,
      verdict.reason.empty() ? "" : ": ", verdict.reason));
}

}  // namespace perfrig::runs
