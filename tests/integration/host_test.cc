#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/targets/target.h"
#include "tests/integration/targets_fixture.h"

namespace perfrig::targets {
namespace {

using ::testing::HasSubstr;

TEST_F(TargetsTest, ABehaviorIsRefusedAsAWhole) {
  v1::UpdateBehaviorRequest request;
  request.set_name("targets/echo");
  request.mutable_behavior()->set_capacity(5);
  request.mutable_behavior()->set_load_factor(
      std::numeric_limits<double>::quiet_NaN());
  request.mutable_behavior()->add_faults()->set_rate(1e12);

  const auto refused = host_.Update(request);

  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  const std::string message(refused.status().message());
  EXPECT_THAT(message, HasSubstr("behavior.load_factor: "));
  EXPECT_THAT(message, HasSubstr("behavior.faults[0].rate: "));
  EXPECT_FALSE(host_.Get("echo")->behavior().has_capacity());
  EXPECT_FALSE(host_.Get("echo")->changed());
}

TEST_F(TargetsTest, OnlyAChangeByHandMarksTheTarget) {
  v1::UpdateBehaviorRequest request;
  request.set_name("targets/database");
  request.mutable_behavior()->set_capacity(5);

  EXPECT_FALSE(host_.Update(request, /*by_hand=*/false)->changed());
  EXPECT_TRUE(host_.Update(request)->changed());
  EXPECT_EQ(host_.Get("database")->behavior().delay().fixed().nanos(),
            20 * kMillisecond);
  ASSERT_TRUE(host_.Reset("targets/-").ok());

  EXPECT_FALSE(host_.Get("database")->changed());
  EXPECT_EQ(host_.Get("database")->behavior().capacity(), 20);
}

TEST_F(TargetsTest, AnUnknownTargetSuggestsTheNearest) {
  const absl::Status status = host_.Get("targets/databse").status();

  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(std::string(status.message()),
            "no target \"databse\" (did you mean database?)");
  EXPECT_EQ(host_.Reset("x").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(TargetsTest, CountsAddUpWhileBehaviorChangesUnderLoad) {
  std::atomic<bool> ends = false;
  std::vector<std::thread> callers;
  callers.reserve(8);
  for (int t = 0; t < 8; ++t) {
    callers.emplace_back([&, t] {
      for (int i = 0; !ends; ++i) {
        grpc::ClientContext context;
        context.set_deadline(absl::ToChronoTime(
            clock_.WallTime() + absl::Milliseconds(1 + (i * 7 + t) % 40)));
        api::QueryResponse response;
        database_->Query(&context, {}, &response);
      }
    });
  }
  const std::vector<std::string> behaviors = {
      "delay { exponential { nanos: 3000000 } } capacity: 1",
      "capacity: 0 faults { rate: 0.3 hang: true }",
      "faults { rate: 0.3 status: 'INTERNAL' } queue_limit: 2 capacity: 3",
      "stall { every { nanos: 9000000 } duration { nanos: 4000000 } }",
      "outage { duration { nanos: 5000000 } } load_factor: 0.5"};

  for (int i = 0; i < 200; ++i) {
    Set("database", behaviors[static_cast<std::size_t>(i) % behaviors.size()]);
    if (i % 50 == 49) {
      ASSERT_TRUE(host_.Reset("database").ok());
    }
    clock_.SleepUntil(clock_.Now() + 10 * kMillisecond);
    const auto statistics = StatisticsOf("database");
    std::uint64_t finished = 0;
    for (const auto& [code, count] : statistics.finished()) finished += count;
    ASSERT_EQ(statistics.started(), finished + statistics.in_flight());
  }
  ends = true;
  for (std::thread& caller : callers) caller.join();

  EXPECT_TRUE(
      Eventually([&] { return StatisticsOf("database").in_flight() == 0; }));
}

TEST_F(TargetsTest, ShutdownEndsTheCallsThatWait) {
  Set("echo", "faults { rate: 1 hang: true }");
  std::vector<std::thread> callers;
  callers.reserve(20);
  std::atomic<int> unavailable = 0;
  for (int i = 0; i < 20; ++i) {
    callers.emplace_back([&] {
      if (EchoCode() == grpc::StatusCode::UNAVAILABLE) ++unavailable;
    });
  }
  ASSERT_TRUE(
      Eventually([&] { return StatisticsOf("echo").in_flight() == 20; }));

  host_.Shutdown();
  for (std::thread& caller : callers) caller.join();

  EXPECT_EQ(unavailable, 20);
}

class GuardedTargetsTest : public TargetsTest {
 protected:
  GuardedTargetsTest() : TargetsTest(Configured()) {}

  static HostOptions Configured() {
    HostOptions options;
    options.defaults["database"].set_capacity(3);
    return options;
  }
};

TEST_F(GuardedTargetsTest, ACallMayNotChangeBehaviorUnlessItIsAllowed) {
  api::EchoResponse response;

  const grpc::Status status = Echo("x", response, {{"perfrig-delay", "1ms"}});

  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(status.error_message(), HasSubstr("--allow-call-overrides"));
}

TEST_F(GuardedTargetsTest, ConfiguredBehaviorIsTheDefault) {
  const auto target = host_.Get("database");

  EXPECT_EQ(target->default_behavior().capacity(), 3);
  EXPECT_EQ(target->default_behavior().delay().fixed().nanos(),
            20 * kMillisecond);
}

// Its options need what the daemon was not given.
class NeedyTarget final : public Target {
 public:
  explicit NeedyTarget(const TargetSetup& setup)
      : Target({"database", "perfrig.target.v1.Database", "", {}}, setup) {}

  grpc::Service* service() override { return nullptr; }

 private:
  void CheckOptions(const v1::Behavior& behavior,
                    std::vector<FieldProblem>& problems) const override {
    if (behavior.database().back_end() == v1::REAL) {
      problems.push_back({"behavior.database.back_end", "needs a flag"});
    }
  }
};

TEST(HostTest, ADefaultThatATargetRefusesIsTold) {
  SystemClock clock;
  SystemDelayQueue delays(clock);
  Elsewhere elsewhere;
  v1::Behavior configured;
  configured.mutable_database()->set_back_end(v1::REAL);

  const NeedyTarget refuses({clock, delays, elsewhere, false, configured});
  const NeedyTarget accepts({clock, delays, elsewhere, false, {}});

  ASSERT_EQ(refuses.CheckDefaults().size(), 1U);
  EXPECT_EQ(refuses.CheckDefaults()[0].field, "behavior.database.back_end");
  EXPECT_TRUE(accepts.CheckDefaults().empty());
}

TEST(HostTest, AResetAmongChangesLeavesTargetAndStationTheSame) {
  SystemClock clock;
  SystemDelayQueue delays(clock);
  Elsewhere elsewhere;
  NeedyTarget target({clock, delays, elsewhere, false, {}});
  v1::UpdateBehaviorRequest request;
  request.mutable_behavior()->mutable_delay()->mutable_fixed()->set_seconds(1);

  for (int i = 0; i < 3'000; ++i) {
    std::atomic<int> ready = 0;
    const auto meet = [&ready] {
      ++ready;
      while (ready < 2) std::this_thread::yield();
    };
    std::thread resetting([&] {
      meet();
      target.Reset();
    });
    meet();
    ASSERT_TRUE(target.Update(request, true).ok());
    resetting.join();

    ASSERT_EQ(target.station().PassesAtOnce(),
              !target.Describe(false).behavior().has_delay());
  }
}

TEST_F(TargetsTest, NothingIsWrongWithTheDefaultsOfAnUnconfiguredHost) {
  EXPECT_TRUE(host_.CheckDefaults().ok()) << host_.CheckDefaults();
}

TEST(HostTest, ChecksItsOptions) {
  HostOptions options;
  options.defaults["ech"].set_capacity(2'000'000);

  const absl::Status status = Host::Check(options);

  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("no target \"ech\" (did you mean echo?); "
                        "ech.capacity: "));
}

TEST_F(TargetsTest, OptionsThatNoTargetReadsAreRefused) {
  v1::UpdateBehaviorRequest request;
  request.set_name("targets/echo");
  request.mutable_behavior()->mutable_database()->set_replicas(2);
  EXPECT_EQ(host_.Update(request).status().message(),
            "behavior.database: is not an option of echo");

  request.set_name("targets/classifier");
  request.mutable_behavior()->mutable_gateway()->set_sessions(2);
  request.mutable_update_mask()->add_paths("gateway.sessions");
  EXPECT_EQ(host_.Update(request).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(HostTest, ATargetHasNoOptionsOfAnothers) {
  HostOptions options;
  options.defaults["echo"].mutable_classifier()->set_tenant_rate(1);

  EXPECT_EQ(Host::Check(options).message(),
            "echo.classifier: is not an option of echo");
}

TEST(HostTest, ARealDatabaseByDefaultNeedsItsFlag) {
  HostOptions options;
  options.defaults["database"].mutable_database()->set_back_end(v1::REAL);

  EXPECT_EQ(Host::Check(options).message(),
            "database.database.back_end: REAL needs --postgresql CONNINFO");
  options.postgresql = "host=db";
  EXPECT_TRUE(Host::Check(options).ok());
}

}  // namespace
}  // namespace perfrig::targets
