#include "server/runs/calibration.h"

#include <algorithm>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/macros.h"
#include "common/sync/mutex.h"
#include "common/time/delay_queue.h"
#include "google/protobuf/util/time_util.h"
#include "server/load/tally.h"
#include "server/runs/suite_workload.h"
#include "server/suites/threshold.h"

namespace perfrig::runs {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int kClockReadings = 200'000;
constexpr int kTimers = 1'000;
constexpr int kRoundSeconds = 2;
constexpr double kIdleRate = 1'000;
constexpr double kPacingRates[] = {1'000, 10'000, 30'000};
constexpr std::uint32_t kManyInFlight = 100;

Nanos ClockCost(const Clock& clock) {
  const Nanos begin = clock.Now();
  for (int i = 0; i < kClockReadings; ++i) clock.Now();
  return (clock.Now() - begin) / kClockReadings;
}

Histogram TimerLateness(Clock& clock, const std::stop_token& stop) {
  Mutex mutex;
  CondVar changed;
  Histogram lateness;
  SystemDelayQueue delays(clock);
  const Nanos start = clock.Now() + kMillisecond;
  for (int i = 0; i < kTimers; ++i) {
    const Nanos due = start + i * kMillisecond;
    delays.Schedule(due, [&, due] {
      MutexLock lock(mutex);
      lateness.Record(clock.Now() - due);
      changed.NotifyAll();
    });
  }
  MutexLock lock(mutex);
  // Every timer wakes it.
  while (lateness.count() < kTimers && !stop.stop_requested()) {
    changed.Wait(mutex);
  }
  return lateness;
}

// Rounds of calls to this daemon's own echo.
class EchoRig {
 public:
  static absl::StatusOr<std::unique_ptr<EchoRig>> Create(
      TargetAccess& access, load::Generator& generator,
      const std::stop_token& stop) {
    auto rig = std::unique_ptr<EchoRig>(new EchoRig(generator, stop));
    ASSIGN_OR_RETURN(const std::string address, access.Resolve("self", stop));
    ASSIGN_OR_RETURN(rig->types_, access.Types(address, true, stop));
    ASSIGN_OR_RETURN(rig->drivers_, access.MakeDrivers({address}));
    v1::Call& call = *rig->test_.add_calls();
    call.set_method("perfrig.target.v1.Echo/Call");
    call.add_data(absl::StrFormat(R"({"text": "%s"})", std::string(100, 'x')));
    ASSIGN_OR_RETURN(rig->workloads_,
                     SuiteWorkloads::Compile(v1::Suite(), rig->test_,
                                             rig->types_.get(), {}));
    return rig;
  }

  absl::StatusOr<load::Tally> Measure(v1::Load load) {
    load::Round round;
    load.mutable_duration()->set_seconds(kRoundSeconds);
    round.groups[0].load = std::move(load);
    round.warmup = kSecond / 2;
    round.drivers = drivers_.get();
    round.workloads = workloads_.get();
    ASSIGN_OR_RETURN(load::Measurement measurement,
                     generator_.Run(
                         round, [](const load::Second&) {}, stop_));
    if (measurement.cancelled) return absl::CancelledError("cancelled");
    return std::move(measurement.steps.front());
  }

 private:
  EchoRig(load::Generator& generator, std::stop_token stop)
      : generator_(generator), stop_(std::move(stop)) {}

  load::Generator& generator_;
  const std::stop_token stop_;
  v1::Test test_;
  std::unique_ptr<suites::MethodTypes> types_;
  std::unique_ptr<drivers::DriverFactory> drivers_;
  std::unique_ptr<SuiteWorkloads> workloads_;
};

std::string Text(Nanos time) {
  return suites::FormatValue(static_cast<double>(time) / 1e9,
                             suites::Unit::kSeconds);
}

std::string RateText(double per_second) {
  return suites::FormatValue(per_second, suites::Unit::kPerSecond);
}

void Advise(v1::Calibration& calibration, const Histogram& timers,
            const Histogram& echo) {
  calibration.add_advice(absl::StrCat(
      "An idle call takes ", Text(echo.Quantile(0.5)), " at the median and ",
      Text(echo.Quantile(0.99)), " at p99 here: bounds below about ",
      Text(echo.Quantile(0.99) * 5),
      " measure this host as much as the target."));
  calibration.add_advice(absl::StrCat(
      "Mock targets answer ", Text(timers.Quantile(0.5)),
      " late at the median, ", Text(timers.Quantile(0.99)), " at p99."));
  double highest = 0;
  for (const auto& pacing : calibration.pacing()) {
    if (pacing.achieved() >= 0.999 && pacing.lag().p99_ns() <= 1'000'000) {
      highest = std::max(highest, pacing.rate());
    }
  }
  calibration.add_advice(
      highest > 0 ? absl::StrCat("Open loops up to ", RateText(highest),
                                 " keep to their plan here.")
                  : "No open-loop rate kept to its plan: this host is too "
                    "busy to measure on.");
  calibration.add_advice(absl::StrCat(
      "Closed loops reach about ", RateText(calibration.max_throughput()),
      " on an echo that runs on this same host."));
}

}  // namespace

absl::StatusOr<v1::Calibration> Calibrate(Clock& clock, TargetAccess& access,
                                          load::Generator& generator,
                                          const std::stop_token& stop) {
  v1::Calibration calibration;
  *calibration.mutable_clock_cost() =
      TimeUtil::NanosecondsToDuration(ClockCost(clock));
  const Histogram timers = TimerLateness(clock, stop);
  *calibration.mutable_timer_lateness() = ToDistribution(timers, false);

  ASSIGN_OR_RETURN(const auto rig, EchoRig::Create(access, generator, stop));
  Histogram idle_echo;
  for (const double rate : kPacingRates) {
    v1::Load load;
    load.set_rate(rate);
    ASSIGN_OR_RETURN(const load::Tally tally, rig->Measure(std::move(load)));
    auto& pacing = *calibration.add_pacing();
    pacing.set_rate(rate);
    pacing.set_achieved(tally.planned == 0
                            ? 0
                            : static_cast<double>(tally.sent) /
                                  static_cast<double>(tally.planned));
    *pacing.mutable_lag() = ToDistribution(tally.lag, false);
    if (rate == kIdleRate) idle_echo = tally.service;
  }
  *calibration.mutable_echo_round_trip() = ToDistribution(idle_echo, false);

  v1::Load flat_out;
  flat_out.set_users(kManyInFlight);
  ASSIGN_OR_RETURN(const load::Tally tally, rig->Measure(std::move(flat_out)));
  calibration.set_max_throughput(static_cast<double>(tally.ok_in_window) /
                                 kRoundSeconds);
  Advise(calibration, timers, idle_echo);
  *calibration.mutable_time() =
      TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(clock.WallTime()));
  return calibration;
}

}  // namespace perfrig::runs
