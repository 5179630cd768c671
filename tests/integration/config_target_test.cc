// The Config target over real gRPC.
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "perfrig/target/v1/config.grpc.pb.h"
#include "perfrig/target/v1/database.grpc.pb.h"
#include "tests/integration/targets_fixture.h"

namespace perfrig::targets {
namespace {

using api::ResolveResponse;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class ConfigTargetTest : public TargetsTest {
 protected:
  api::ResolveResponse Resolve(const std::string& tenant,
                               const std::string& plan = "") {
    api::ResolveRequest request;
    request.set_tenant(tenant);
    request.set_plan(plan);
    api::ResolveResponse response;
    const grpc::Status status =
        Call(*config_, &api::Config::Stub::Resolve, request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  std::string Refusal(const std::string& request) {
    api::ResolveResponse response;
    const grpc::Status status =
        Call(*config_, &api::Config::Stub::Resolve,
             Parse<api::ResolveRequest>(request), response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    return status.error_message();
  }
  // So many calls for one tenant at a time.
  std::vector<std::future<grpc::Status>> ResolveAtOnce(int calls) {
    std::vector<std::future<grpc::Status>> asked;
    for (int i = 0; i < calls; ++i) {
      asked.push_back(std::async(std::launch::async, [this] {
        api::ResolveRequest request;
        request.set_tenant("a");
        grpc::ClientContext context;
        api::ResolveResponse response;
        return config_->Resolve(&context, request, &response);
      }));
    }
    return asked;
  }
  std::uint64_t Invalidate(const std::string& tenant) {
    api::InvalidateConfigRequest request;
    request.set_tenant(tenant);
    api::InvalidateConfigResponse response;
    EXPECT_TRUE(
        Call(*config_, &api::Config::Stub::Invalidate, request, response).ok());
    return response.invalidated();
  }
  api::ConfigStatsResponse Stats() {
    api::ConfigStatsResponse stats;
    EXPECT_TRUE(Call(*config_, &api::Config::Stub::Stats,
                     api::ConfigStatsRequest(), stats)
                    .ok());
    return stats;
  }
  void Write(const std::string& statement) {
    api::ExecuteResponse response;
    ASSERT_TRUE(Call(*database_, &api::Database::Stub::Execute,
                     Parse<api::ExecuteRequest>(statement), response)
                    .ok());
  }

  std::unique_ptr<api::Config::Stub> config_ = api::Config::NewStub(channel_);
};

TEST_F(ConfigTargetTest, AnyTenantResolvesByOneQueryThenFromMemory) {
  const Nanos start = clock_.Now();
  const auto first = Resolve("acme");
  const Nanos took = clock_.Now() - start;
  const std::string phases = phases_;
  const auto second = Resolve("acme");

  EXPECT_GE(took, 20 * kMillisecond);
  EXPECT_EQ(first.tier(), ResolveResponse::TENANT);
  EXPECT_EQ(first.queries(), 1);
  EXPECT_FALSE(first.cached());
  EXPECT_FALSE(first.plan().empty());
  EXPECT_FALSE(first.settings().empty());
  EXPECT_THAT(phases, HasSubstr("database="));
  EXPECT_THAT(phases, HasSubstr("cache="));
  EXPECT_TRUE(second.cached());
  EXPECT_EQ(second.queries(), 0);
  EXPECT_EQ(second.settings().at("name"), first.settings().at("name"));
  EXPECT_THAT(phases_, HasSubstr("cache="));
  EXPECT_EQ(StatisticsOf("database").started(), 1);
}

TEST_F(ConfigTargetTest, AMissingTierFallsBackWithASecondQuery) {
  Set("config", "config { missing_tiers: 1 }");
  const Nanos start = clock_.Now();

  const auto found = Resolve("acme", "pro");

  EXPECT_GE(clock_.Now() - start, 40 * kMillisecond);
  EXPECT_EQ(found.tier(), ResolveResponse::PLAN);
  EXPECT_EQ(found.queries(), 2);
  EXPECT_EQ(Stats().fallbacks(), 1);
}

TEST_F(ConfigTargetTest, WhatIsWrittenToTheDatabaseHolds) {
  Set("database", "delay { fixed {} }");
  Write(R"(table: "default_configs" put {
      key: "default" columns { key: "model" value: "8b" } })");
  Write(R"(table: "plan_configs" delete: "free")");
  Write(R"(table: "tenant_configs" delete: "acme")");

  const auto found = Resolve("acme", "free");

  EXPECT_EQ(found.tier(), ResolveResponse::DEFAULT);
  EXPECT_EQ(found.queries(), 3);
  EXPECT_THAT(found.settings(), ElementsAre(Pair("model", "8b")));
  EXPECT_EQ(Resolve("acme", "pro").tier(), ResolveResponse::PLAN);

  Write(R"(table: "default_configs" delete: "default")");
  Invalidate("acme");
  api::ResolveResponse none;
  EXPECT_EQ(
      Call(*config_, &api::Config::Stub::Resolve,
           Parse<api::ResolveRequest>("tenant: 'acme' plan: 'free'"), none)
          .error_code(),
      grpc::StatusCode::NOT_FOUND);
}

TEST_F(ConfigTargetTest, ASeededShareOfTheTenantsHasNoneOfTheirOwn) {
  Set("database", "delay { fixed {} }");
  const auto tiers = [this] {
    std::string text;
    for (int i = 0; i < 100; ++i) {
      text +=
          Resolve("tenant-" + std::to_string(i)).tier() == ResolveResponse::PLAN
              ? 'p'
              : 't';
    }
    return text;
  };
  Set("config", "config { missing_tiers: 0.5 }");
  const std::string first = tiers();
  ASSERT_TRUE(host_.Reset("config").ok());
  Set("config", "config { missing_tiers: 0.5 }");

  const std::string second = tiers();

  EXPECT_EQ(first, second);
  EXPECT_GT(std::count(first.begin(), first.end(), 'p'), 25);
  EXPECT_GT(std::count(first.begin(), first.end(), 't'), 25);
}

TEST_F(ConfigTargetTest, InvalidateForgetsOneOrAll) {
  Set("database", "delay { fixed {} }");
  Resolve("a", "free");
  Resolve("a", "pro");
  Resolve("b");

  EXPECT_EQ(Invalidate("a"), 2);
  EXPECT_FALSE(Resolve("a", "free").cached());
  EXPECT_TRUE(Resolve("b").cached());
  EXPECT_EQ(Invalidate(""), 2);
  EXPECT_FALSE(Resolve("b").cached());
}

TEST_F(ConfigTargetTest, WhatIsKeptIsBoundedInBytesAndTime) {
  Set("database", "delay { fixed {} }");
  Set("config", "config { cache_bytes: 20000 }");
  for (int i = 0; i < 200; ++i) Resolve("tenant-" + std::to_string(i));

  EXPECT_LE(Stats().cache().bytes(), 20'000);
  EXPECT_GT(Stats().cache().evicted(), 100);
  EXPECT_EQ(StateOf("config", "cache_bytes_limit"), 20'000);
  EXPECT_TRUE(Resolve("tenant-199").cached());
  EXPECT_FALSE(Resolve("tenant-0").cached());

  Set("config", "config { cache_ttl { nanos: 1000000 } }");
  Resolve("short");
  EXPECT_TRUE(Eventually([&] {
    return Stats().cache().entries() == 0 || !Resolve("short").cached();
  }));
}

TEST_F(ConfigTargetTest, StatsCountUntilTheReset) {
  Set("database", "delay { fixed {} }");
  Resolve("a");
  for (int i = 0; i < 3; ++i) Resolve("a");

  const auto stats = Stats();
  EXPECT_EQ(stats.queries(), 1);
  EXPECT_EQ(stats.fallbacks(), 0);
  EXPECT_EQ(stats.cache().hits(), 3);
  EXPECT_DOUBLE_EQ(stats.cache().hit_rate(), 0.75);
  EXPECT_EQ(StateOf("config", "cache_entries"), 1);
  ASSERT_TRUE(host_.Reset("config").ok());

  EXPECT_EQ(Stats().cache().hits(), 0);
  EXPECT_EQ(Stats().queries(), 0);
  EXPECT_EQ(StateOf("config", "cache_entries"), 0);
}

TEST_F(ConfigTargetTest, ThoseWhoAskTogetherShareOneQuery) {
  Set("database", "delay { fixed { nanos: 200000000 } }");
  std::vector<std::future<api::ResolveResponse>> asked;
  for (int i = 0; i < 10; ++i) {
    asked.push_back(std::async(std::launch::async, [this] {
      api::ResolveRequest request;
      request.set_tenant("a");
      grpc::ClientContext context;
      api::ResolveResponse response;
      EXPECT_TRUE(config_->Resolve(&context, request, &response).ok());
      return response;
    }));
  }

  for (auto& one : asked) EXPECT_FALSE(one.get().cached());

  const auto stats = Stats();
  EXPECT_EQ(stats.queries(), 1);
  EXPECT_EQ(stats.cache().misses(), 10);
  EXPECT_TRUE(Resolve("a").cached());
}

TEST_F(ConfigTargetTest, ThoseWhoAskTogetherShareWhatDoesNotFit) {
  Set("config", "config { cache_bytes: 100 }");
  Set("database", "delay { fixed { nanos: 200000000 } }");

  for (auto& one : ResolveAtOnce(10)) EXPECT_TRUE(one.get().ok());

  EXPECT_EQ(Stats().queries(), 1);
  EXPECT_EQ(StateOf("config", "cache_entries"), 0);
}

TEST_F(ConfigTargetTest, AQueryThatFailsFailsForAllWhoWaitForIt) {
  Set("database",
      "delay { fixed { nanos: 500000000 } } "
      "faults { rate: 1 status: 'UNAVAILABLE' }");

  for (auto& one : ResolveAtOnce(10)) {
    EXPECT_EQ(one.get().error_code(), grpc::StatusCode::UNAVAILABLE);
  }

  EXPECT_EQ(Stats().queries(), 1);
}

TEST_F(ConfigTargetTest, WhoAsksAfterAnInvalidationDoesNotShareWhatWasBefore) {
  Set("database", "delay { fixed { seconds: 600 } }");
  std::vector<std::future<grpc::Status>> asked;
  for (int i = 1; i <= 3; ++i) {
    for (auto& one : ResolveAtOnce(1)) asked.push_back(std::move(one));
    ASSERT_TRUE(Eventually([&] {
      return StatisticsOf("database").in_flight() == static_cast<unsigned>(i);
    }));
    Invalidate(i % 2 == 1 ? "a" : "");
  }

  ASSERT_TRUE(host_.Reset("database").ok());
  for (auto& one : asked) one.wait();
}

TEST_F(ConfigTargetTest, WhoWaitsForACallThatIsCancelledMakesItsOwnQuery) {
  Set("database", "delay { fixed { seconds: 600 } }");
  grpc::ClientContext context;
  auto first = std::async(std::launch::async, [&] {
    api::ResolveRequest request;
    request.set_tenant("a");
    api::ResolveResponse response;
    return config_->Resolve(&context, request, &response).error_code();
  });
  ASSERT_TRUE(
      Eventually([&] { return StatisticsOf("database").in_flight() == 1; }));
  auto second = std::async(std::launch::async, [this] { return Resolve("a"); });
  ASSERT_TRUE(
      Eventually([&] { return StatisticsOf("config").in_flight() == 2; }));
  Set("database", "delay { fixed {} }");

  context.TryCancel();

  EXPECT_EQ(first.get(), grpc::StatusCode::CANCELLED);
  EXPECT_EQ(second.get().queries(), 1);
}

TEST_F(ConfigTargetTest, NobodyWaitsForAnotherWhereNothingIsKept) {
  Set("config", "config { cache_bytes: 0 }");
  Set("database", "delay { fixed { seconds: 600 } }");
  std::array<grpc::ClientContext, 3> contexts;
  std::vector<std::future<grpc::Status>> asked;
  for (grpc::ClientContext& context : contexts) {
    asked.push_back(std::async(std::launch::async, [this, &context] {
      api::ResolveRequest request;
      request.set_tenant("a");
      api::ResolveResponse response;
      return config_->Resolve(&context, request, &response);
    }));
  }

  EXPECT_TRUE(
      Eventually([&] { return StatisticsOf("database").in_flight() == 3; }));

  for (grpc::ClientContext& context : contexts) context.TryCancel();
}

TEST_F(ConfigTargetTest, AnotherSeedForgetsWhatWasFoundUnderTheLast) {
  Set("config", "seed: 1");
  Resolve("a");
  ASSERT_TRUE(Resolve("a").cached());

  Set("config", "seed: 9");

  EXPECT_FALSE(Resolve("a").cached());
}

TEST_F(ConfigTargetTest, TellsWhichFieldIsWrong) {
  EXPECT_EQ(Refusal(""), "tenant: must have 1 to 256 bytes, got 0");
  EXPECT_EQ(Refusal("tenant: 'a' plan: 'gold'"),
            "plan: must be \"free\", \"pro\" or \"enterprise\", got \"gold\"");
  EXPECT_THAT(StatisticsOf("config").finished(),
              ElementsAre(Pair("INVALID_ARGUMENT", 2)));
}

TEST_F(ConfigTargetTest, AnExpiredCallLeavesTheDatabaseAtOnce) {
  Set("database", "delay { fixed { seconds: 600 } } capacity: 1");
  api::ResolveResponse response;

  const grpc::Status status = Call(*config_, &api::Config::Stub::Resolve,
                                   Parse<api::ResolveRequest>("tenant: 'a'"),
                                   response, absl::Milliseconds(50));

  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(Eventually([&] {
    return StatisticsOf("config").in_flight() == 0 &&
           StatisticsOf("database").in_flight() == 0;
  }));
  EXPECT_EQ(StateOf("config", "cache_entries"), 0);
}

TEST_F(ConfigTargetTest, AFaultOfTheDatabaseComesThroughAndIsNotKept) {
  Set("database", "faults { rate: 1 status: 'UNAVAILABLE' }");
  api::ResolveResponse response;

  EXPECT_EQ(Call(*config_, &api::Config::Stub::Resolve,
                 Parse<api::ResolveRequest>("tenant: 'a'"), response)
                .error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(StateOf("config", "cache_entries"), 0);
}

}  // namespace
}  // namespace perfrig::targets
