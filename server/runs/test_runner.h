// One test from its targets' reset to its figures.
#ifndef PERFRIG_SERVER_RUNS_TEST_RUNNER_H_
#define PERFRIG_SERVER_RUNS_TEST_RUNNER_H_

#include <functional>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "perfrig/v1/run.pb.h"
#include "server/load/generator.h"
#include "server/runs/load_trend.h"
#include "server/runs/measured_test.h"
#include "server/runs/online_judge.h"
#include "server/runs/ports.h"
#include "server/runs/reached_targets.h"
#include "server/runs/resource_meter.h"
#include "server/runs/suite_workload.h"

namespace perfrig::runs {

// What a test leaves behind, before it is judged.
struct TestOutcome {
  // Not OK: the test could not run (ERROR), or was cancelled (CANCELLED).
  absl::Status status;
  // As far as it was measured.
  MeasuredTest measured;
  // How long the load of each round took to become steady, where the test
  // warms up until it is.
  std::vector<Nanos> warmups;
  std::vector<v1::CallSample> slowest;
  std::vector<v1::CallSample> failed;
  // Folded stacks, where the test has a profile.
  std::vector<std::string> cpu_profile = {};
  // Of a load that rises.
  LoadTrend trend = {};
  // Of a search, in their order.
  std::vector<v1::SearchTry> tries = {};
};

class TestRunner {
 public:
  using OnSnapshot = std::function<void(const v1::Snapshot&)>;

  // The references outlive this. `supplied` is for the suite's templates.
  TestRunner(Clock& clock, load::Generator& generator, TargetAccess& access,
             const suites::Supplied& supplied, std::stop_token stop)
      : clock_(clock),
        generator_(generator),
        access_(access),
        supplied_(supplied),
        stop_(std::move(stop)) {}

  // Blocks until the test is over, or soon after `stop` was requested;
  // `on_snapshot` is called once a second on this thread, without progress.
  // `named`: metrics that are taken only where somebody names them.
  TestOutcome Run(const v1::Suite& suite, const v1::Test& test,
                  const std::set<std::string>& named,
                  const OnSnapshot& on_snapshot);

 private:
  // What the rounds of a test share.
  struct Setting {
    const v1::Suite& suite;
    const v1::Test& test;
    const std::set<std::string>& named;
    bool local = false;
    ReachedTargets targets = {};
    std::unique_ptr<suites::MethodTypes> types = nullptr;
    std::unique_ptr<TargetControl> control = nullptr;
    std::unique_ptr<drivers::DriverFactory> drivers = nullptr;
    std::unique_ptr<SuiteWorkloads> workloads = nullptr;
    // With what was captured before the round.
    suites::Supplied supplied = {};
    std::unique_ptr<OnlineJudge> judge = nullptr;
    // Null where nobody wants to know.
    std::unique_ptr<ResourceMeter> resources = nullptr;
    Nanos time_limit_at = kNever;
    // Of the next round, by group.
    std::vector<std::uint64_t> sequences = {};
    // Of the calls around rounds.
    std::uint64_t random = 1;
    // Of the try of a search at work; 0: as the load says.
    double rate = 0;
  };

  absl::Status SetUp(Setting& setting);
  // With a profile where the test wants one.
  absl::Status RunProfiled(Setting& setting, const OnSnapshot& on_snapshot,
                           TestOutcome& outcome);
  // Rounds, or the tries of a search.
  absl::Status RunAll(Setting& setting, const OnSnapshot& on_snapshot,
                      TestOutcome& outcome);
  // Forgets what was judged and sampled of a try before.
  void BeginMeasuring(Setting& setting) const;
  absl::Status RunRounds(Setting& setting, const OnSnapshot& on_snapshot,
                         TestOutcome& outcome);
  // What all calls of the generator for a round have in common.
  static load::Round MakeRound(const Setting& setting, std::uint32_t number);
  // Takes over the numbers that were used; why it ended before its time.
  static absl::Status EndRound(Setting& setting,
                               const load::Measurement& measurement);
  // Makes the round's load without measuring until it is steady.
  absl::Status WarmUp(Setting& setting, std::uint32_t number,
                      const OnSnapshot& on_snapshot, TestOutcome& outcome);
  // Instead of rounds: tries at ever better rates.
  absl::Status RunSearch(Setting& setting, const OnSnapshot& on_snapshot,
                         TestOutcome& outcome);
  absl::Status RunTry(Setting& setting, std::uint32_t number,
                      const OnSnapshot& on_snapshot, TestOutcome& outcome);
  // With what stands before and after it.
  absl::Status RunRound(Setting& setting, std::uint32_t number,
                        const OnSnapshot& on_snapshot, TestOutcome& outcome);
  absl::Status MeasureRound(Setting& setting, std::uint32_t number,
                            const OnSnapshot& on_snapshot,
                            TestOutcome& outcome);
  absl::Status Act(
      Setting& setting,
      const google::protobuf::RepeatedPtrField<v1::Action>& actions,
      const char* when);
  // Keeps what it captures.
  absl::Status MakeCall(Setting& setting, const v1::Call& call);
  // What is known of the test once it has been measured.
  static void Describe(const Setting& setting, MeasuredTest& measured);
  void Keep(const Setting& setting, const load::Measurement& measurement,
            TestOutcome& outcome) const;

  Clock& clock_;
  load::Generator& generator_;
  TargetAccess& access_;
  const suites::Supplied& supplied_;
  const std::stop_token stop_;
};

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_TEST_RUNNER_H_
