// Short rounds in real time, over several threads: bounds are generous, and
// ThreadSanitizer looks on.
#include "server/load/generator.h"

#include <atomic>
#include <future>
#include <memory>
#include <set>
#include <stop_token>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/drivers/local/local_driver.h"
#include "server/load/figures.h"
#include "tests/support/fake_workload.h"

namespace perfrig::load {
namespace {

// Answers nobody's connections.
class UnreachableDriver final : public drivers::Driver {
 public:
  absl::Status Connect(Nanos, const std::stop_token&) override {
    return absl::UnavailableError("10.0.0.1:7: connection refused");
  }
  void Start(drivers::Slot, const drivers::Request&) override {}
  void Cancel(drivers::Slot) override {}
  void Poll(Nanos) override {}
  drivers::Connections TakeConnections() override { return {}; }
};

// Waits for connections until it is told to stop.
class PatientDriver final : public drivers::Driver {
 public:
  absl::Status Connect(Nanos, const std::stop_token& stop) override {
    SystemClock clock;
    while (!stop.stop_requested()) clock.SleepUntil(clock.Now() + kMillisecond);
    return absl::CancelledError("cancelled");
  }
  void Start(drivers::Slot, const drivers::Request&) override {}
  void Cancel(drivers::Slot) override {}
  void Poll(Nanos) override {}
  drivers::Connections TakeConnections() override { return {}; }
};

class PatientFactory final : public drivers::DriverFactory {
 public:
  absl::StatusOr<std::unique_ptr<drivers::Driver>> Create(
      const drivers::ConnectionPlan&, drivers::Observer&) override {
    return std::make_unique<PatientDriver>();
  }
};

class UnreachableFactory final : public drivers::DriverFactory {
 public:
  absl::StatusOr<std::unique_ptr<drivers::Driver>> Create(
      const drivers::ConnectionPlan& connections, drivers::Observer&) override {
    connections_.push_back(connections.count);
    return std::make_unique<UnreachableDriver>();
  }
  std::vector<std::uint32_t> connections_;
};

class GeneratorTest : public testing::Test {
 protected:
  GeneratorTest() {
    round_.drivers = &drivers_;
    round_.workloads = &workloads_;
    round_.local = true;
    round_.grace = kSecond;
  }

  absl::StatusOr<Measurement> Run() {
    seconds_.clear();
    return Generator(clock_, options_)
        .Run(
            round_,
            [this](const Second& second) {
              seconds_.push_back(second.tally.planned);
              warmups_.push_back(second.warmup);
            },
            stop_.get_token());
  }

  // All steps together.
  static Tally Sum(const Measurement& measurement) {
    Tally sum;
    for (const Tally& step : measurement.steps) sum.Merge(step);
    return sum;
  }

  SystemClock clock_;
  std::atomic<std::uint64_t> calls_ = 0;
  drivers::LocalFunctions functions_ = {
      {"fake", drivers::Stateless([this](std::string_view) {
         ++calls_;
         return absl::OkStatus();
       })}};
  drivers::LocalDriverFactory drivers_{clock_, functions_};
  FakeWorkloadFactory workloads_;
  GeneratorOptions options_;
  Round round_;
  std::stop_source stop_;
  std::vector<std::uint64_t> seconds_;
  std::vector<bool> warmups_;
};

TEST_F(GeneratorTest, ARoundThatIsCancelledWhileItConnectsEndsAtOnce) {
  PatientFactory patient;
  round_.drivers = &patient;
  round_.groups[0].load.set_users(4);
  auto measurement =
      std::async(std::launch::async, [this] { return Run().status(); });

  stop_.request_stop();

  EXPECT_TRUE(absl::IsCancelled(measurement.get()));
}

TEST_F(GeneratorTest, EveryUserOfALocalLoadHasItsThread) {
  round_.groups[0].load.set_users(4);
  round_.groups[0].load.set_iterations(4'003);
  round_.groups[0].first_sequence = 50;

  const auto measurement = Run();

  ASSERT_TRUE(measurement.ok()) << measurement.status();
  EXPECT_EQ(measurement->lanes, 4U);
  EXPECT_EQ(Sum(*measurement).ok, 4'003U);
  EXPECT_EQ(calls_, 4'003U);
  EXPECT_EQ(measurement->groups[0].next_sequence, 4'053U);
  EXPECT_TRUE(measurement->groups[0].ends_by_count);
  EXPECT_EQ(measurement->slowest.size(), 10U);
  EXPECT_GE(measurement->slowest[0].latency, measurement->slowest[9].latency);
}

TEST_F(GeneratorTest, TheSecondsAddUpToTheWhole) {
  options_.lanes = 2;
  round_.groups[0].load.set_rate(2'000);
  round_.groups[0].load.mutable_duration()->set_nanos(1'200 * kMillisecond %
                                                      kSecond);
  round_.groups[0].load.mutable_duration()->set_seconds(1);
  round_.warmup = 300 * kMillisecond;

  const auto measurement = Run();

  ASSERT_TRUE(measurement.ok()) << measurement.status();
  EXPECT_EQ(measurement->lanes, 2U);
  const Tally sum = Sum(*measurement);
  EXPECT_EQ(sum.planned, 2'400U);
  EXPECT_EQ(sum.ok, 2'400U);
  EXPECT_EQ(calls_, 3'000U);
  EXPECT_EQ(measurement->groups[0].window, 1'200 * kMillisecond);
  EXPECT_FALSE(measurement->groups[0].ends_by_count);

  ASSERT_GE(seconds_.size(), 3U);
  EXPECT_TRUE(warmups_[0]);
  EXPECT_FALSE(warmups_[1]);
  std::uint64_t planned = 0;
  for (const std::uint64_t second : seconds_) planned += second;
  // A lane that is held up may hand over warm-up and measured calls in one
  // second, which then shows the measured ones alone.
  EXPECT_GE(planned, 2'400U);
  EXPECT_LE(planned, 3'000U);

  Histogram kept;
  for (const auto& second : measurement->seconds) {
    kept.Merge(Histogram::FromProto(second.latency));
  }
  EXPECT_EQ(kept.count(), 2'400U);
  EXPECT_EQ(kept.Quantile(0.5), sum.latency.Quantile(0.5));
  EXPECT_GT(measurement->hiccups.count(), 100U);
  EXPECT_GT(measurement->lane_cpu, 0);
}

TEST_F(GeneratorTest, CancellingEndsItSoon) {
  round_.groups[0].load.set_users(2);
  round_.groups[0].load.mutable_duration()->set_seconds(60);
  functions_["fake"] = drivers::Stateless([this](std::string_view) {
    if (++calls_ == 100) stop_.request_stop();
    return absl::OkStatus();
  });
  const Nanos start = clock_.Now();

  const auto measurement = Run();

  ASSERT_TRUE(measurement.ok()) << measurement.status();
  EXPECT_TRUE(measurement->cancelled);
  EXPECT_LT(clock_.Now() - start, 10 * kSecond);
  EXPECT_LT(measurement->groups[0].window, 10 * kSecond);
}

TEST_F(GeneratorTest, TheTimeLimitKeepsWhatWasMeasured) {
  round_.groups[0].load.set_users(1);
  round_.groups[0].load.mutable_duration()->set_seconds(60);
  round_.time_limit_at = clock_.Now() + 100 * kMillisecond;

  const auto measurement = Run();

  ASSERT_TRUE(measurement.ok()) << measurement.status();
  EXPECT_TRUE(measurement->timed_out);
  EXPECT_FALSE(measurement->cancelled);
  EXPECT_GT(measurement->steps.at(0).sent, 0U);
  EXPECT_EQ(measurement->lanes, 1U);
  EXPECT_LT(measurement->groups[0].window, 60 * kSecond);
}

TEST_F(GeneratorTest, ATargetThatIsNotThereIsNamed) {
  UnreachableFactory unreachable;
  round_.drivers = &unreachable;
  round_.local = false;
  options_.lanes = 3;
  round_.groups[0].load.set_users(10);
  round_.groups[0].load.set_connections(7);
  round_.groups[0].load.mutable_duration()->set_seconds(60);

  const absl::Status status = Run().status();

  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status.message(), "10.0.0.1:7: connection refused");
  EXPECT_THAT(unreachable.connections_, testing::ElementsAre(3, 2, 2));
}

TEST_F(GeneratorTest, ConnectionsMayBeOneForEachUser) {
  UnreachableFactory unreachable;
  round_.drivers = &unreachable;
  round_.local = false;
  options_.lanes = 2;
  round_.groups[0].load.set_users(5);
  round_.groups[0].load.set_connection_per_user(true);
  round_.groups[0].load.set_iterations(5);

  EXPECT_FALSE(Run().ok());

  EXPECT_THAT(unreachable.connections_, testing::ElementsAre(3, 2));
}

TEST_F(GeneratorTest, GroupsAreAtWorkTogetherAndEndEachForItself) {
  options_.lanes = 1;
  round_.groups.resize(2);
  round_.groups[0].load.set_users(2);
  round_.groups[0].load.set_iterations(50);
  round_.groups[0].first_sequence = 7;
  round_.groups[1].load.set_rate(1'000);
  round_.groups[1].load.mutable_duration()->set_nanos(300 * kMillisecond);

  const auto measurement = Run();

  ASSERT_TRUE(measurement.ok()) << measurement.status();
  // Two users of a local load, and at least one lane for the rate.
  EXPECT_EQ(measurement->lanes, 3U);
  EXPECT_THAT(workloads_.groups, testing::ElementsAre(0, 0, 1));
  EXPECT_EQ(Sum(*measurement).ok, 350U);
  ASSERT_EQ(measurement->groups.size(), 2U);
  EXPECT_TRUE(measurement->groups[0].ends_by_count);
  EXPECT_EQ(measurement->groups[0].next_sequence, 57U);
  EXPECT_FALSE(measurement->groups[1].ends_by_count);
  EXPECT_EQ(measurement->groups[1].window, 300 * kMillisecond);
  EXPECT_EQ(measurement->groups[1].next_sequence, 300U);
}

TEST_F(GeneratorTest, LanesGroupsAndRoundsAreSeededApart) {
  round_.groups.resize(2);
  for (load::Group& group : round_.groups) {
    group.load.set_users(3);
    group.load.set_iterations(3);
  }
  for (round_.number = 0; round_.number < 2; ++round_.number) {
    ASSERT_TRUE(Run().ok());
  }

  const std::set<std::uint64_t> seeds(workloads_.seeds.begin(),
                                      workloads_.seeds.end());
  EXPECT_EQ(workloads_.seeds.size(), 12U);
  EXPECT_EQ(seeds.size(), 12U);
}

TEST_F(GeneratorTest, GroupsShareTheLanesAndEachHasItsOwnConnections) {
  UnreachableFactory unreachable;
  round_.drivers = &unreachable;
  round_.local = false;
  options_.lanes = 4;
  round_.groups.resize(2);
  round_.groups[0].load.set_users(10);
  round_.groups[0].load.set_connections(5);
  round_.groups[1].load.set_rate(10);

  EXPECT_FALSE(Run().ok());

  EXPECT_THAT(unreachable.connections_, testing::ElementsAre(3, 2, 1, 1));
}

TEST_F(GeneratorTest, ASlowWatcherSlowsNothing) {
  options_.lanes = 1;
  round_.groups[0].load.set_rate(1'000);
  round_.groups[0].load.mutable_duration()->set_seconds(2);
  const Nanos start = clock_.Now();

  const auto measurement =
      Generator(clock_, options_)
          .Run(
              round_,
              [&](const Second&) { clock_.SleepUntil(start + 2 * kSecond); },
              stop_.get_token());

  ASSERT_TRUE(measurement.ok()) << measurement.status();
  EXPECT_EQ(Sum(*measurement).ok, 2'000U);
}

TEST_F(GeneratorTest, FailedCallsAreKeptEarliestFirst) {
  round_.groups[0].load.set_users(2);
  round_.groups[0].load.set_iterations(100);
  functions_["fake"] = drivers::Stateless([](std::string_view) {
    return absl::UnavailableError("down for repair");
  });

  const auto measurement = Run();

  ASSERT_TRUE(measurement.ok()) << measurement.status();
  EXPECT_EQ(Sum(*measurement).failed, 100U);
  ASSERT_EQ(measurement->failed.size(), 10U);
  EXPECT_LE(measurement->failed[0].at, measurement->failed[9].at);
  EXPECT_EQ(measurement->failed[0].message, "down for repair");
  EXPECT_EQ(measurement->failed[0].status, 14);
}

}  // namespace
}  // namespace perfrig::load
