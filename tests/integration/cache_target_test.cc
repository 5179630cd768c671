// The Cache target over real gRPC, with the simulated second tier.
#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "perfrig/target/v1/cache.grpc.pb.h"
#include "tests/integration/cache_fixture.h"

namespace perfrig::targets {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// A call that runs beside the test.
class Computing {
 public:
  Computing(api::Cache::Stub& cache, const std::string& key)
      : thread_([this, &cache, key] {
          api::GetOrComputeRequest request;
          request.set_key(key);
          status_ =
              FromGrpc(cache.GetOrCompute(&context_, request, &response_));
        }) {}
  Computing(const Computing&) = delete;
  Computing& operator=(const Computing&) = delete;
  ~Computing() { Wait().IgnoreError(); }

  void Cancel() { context_.TryCancel(); }
  absl::Status Wait() {
    if (thread_.joinable()) thread_.join();
    return status_;
  }
  // After Wait.
  [[nodiscard]] const api::GetOrComputeResponse& response() const {
    return response_;
  }

 private:
  grpc::ClientContext context_;
  api::GetOrComputeResponse response_;
  absl::Status status_;
  std::thread thread_;
};

class CacheTargetTest : public CacheFixture {
 protected:
  bool InFlight(std::uint64_t calls) {
    return Eventually(
        [&] { return StatisticsOf("cache").in_flight() == calls; });
  }
};

TEST_F(CacheTargetTest, WhatIsPutIsInBothTiers) {
  ASSERT_TRUE(Put("key: 'a' value: '1'").ok());
  EXPECT_GE(PhaseOf("provider"), 2 * kMillisecond);

  EXPECT_EQ(Get("a"), "FIRST_TIER 1");
  EXPECT_THAT(phases_, HasSubstr("cache="));
  ASSERT_TRUE(Invalidate("").ok());
  EXPECT_EQ(Get("a"), "SECOND_TIER 1");
  EXPECT_GE(PhaseOf("provider"), 2 * kMillisecond);
  EXPECT_EQ(Get("a"), "FIRST_TIER 1");
  EXPECT_EQ(Get("b"), "none");
  ASSERT_TRUE(Invalidate("a").ok());

  EXPECT_EQ(Get("a"), "none");
  const auto stats = Stats();
  EXPECT_EQ(stats.first_tier_hits(), 2);
  EXPECT_EQ(stats.second_tier_hits(), 1);
  EXPECT_EQ(stats.cache().hits(), 3);
  EXPECT_EQ(stats.cache().misses(), 2);
  EXPECT_DOUBLE_EQ(stats.cache().hit_rate(), 0.6);
}

TEST_F(CacheTargetTest, TheTierAndTheComputationAreDelaysOfItsOwn) {
  GetOrCompute("key: 'a'");

  // The second tier is asked, and is then told.
  ASSERT_TRUE(Eventually(
      [&] { return StatisticsOf("cache").lateness().count() == 3; }));
  const auto injected = StatisticsOf("cache").injected();
  EXPECT_EQ(injected.count(), 3U);
  EXPECT_EQ(injected.min_ns(), 2 * kMillisecond);
  EXPECT_EQ(injected.max_ns(), 20 * kMillisecond);
}

TEST_F(CacheTargetTest, WhatIsNotKeptIsComputedFromSeedAndKey) {
  const Nanos start = clock_.Now();
  const auto computed = GetOrCompute("key: 'a'");
  const Nanos took = clock_.Now() - start;
  const std::string phases = phases_;

  EXPECT_EQ(computed.source(), api::COMPUTED);
  EXPECT_FALSE(computed.hit());
  EXPECT_EQ(computed.value().size(), 1'024);
  EXPECT_GE(PhaseOf("provider"), 2 * kMillisecond) << phases;
  EXPECT_GE(PhaseOf("work"), 20 * kMillisecond) << phases;
  EXPECT_LE(PhaseOf("provider") + PhaseOf("work"), took) << phases;
  const auto kept = GetOrCompute("key: 'a'");
  EXPECT_EQ(kept.source(), api::FIRST_TIER);
  EXPECT_TRUE(kept.hit());
  EXPECT_EQ(kept.value(), computed.value());
  EXPECT_THAT(phases_, HasSubstr("cache="));
  EXPECT_NE(GetOrCompute("key: 'b'").value(), computed.value());
  EXPECT_EQ(GetOrCompute("key: 'c' value_bytes: 7").value().size(), 7);
  ASSERT_TRUE(host_.Reset("cache").ok());

  EXPECT_EQ(GetOrCompute("key: 'a'").value(), computed.value());
  // What was computed under another seed is kept no longer.
  Set("cache", "seed: 2");
  const auto other = GetOrCompute("key: 'a'");
  EXPECT_EQ(other.source(), api::COMPUTED);
  EXPECT_NE(other.value(), computed.value());
}

TEST_F(CacheTargetTest, AtTheSameTimeAKeyIsComputedOnce) {
  Set("cache", "cache { compute_delay { nanos: 500000000 } }");
  std::vector<std::unique_ptr<Computing>> callers;
  for (int i = 0; i < 20; ++i) {
    callers.push_back(std::make_unique<Computing>(*cache_, "a"));
  }

  std::set<std::string> values;
  for (const auto& caller : callers) {
    EXPECT_TRUE(caller->Wait().ok());
    values.insert(caller->response().value());
  }

  EXPECT_EQ(values.size(), 1);
  const auto stats = Stats();
  EXPECT_EQ(stats.computed(), 1);
  EXPECT_EQ(stats.computed() + stats.shared() + stats.cache().hits(), 20);
  EXPECT_GT(stats.shared(), 0);
}

TEST_F(CacheTargetTest, AComputationEndsWhenNobodyWaitsForIt) {
  Set("cache", "cache { compute_delay { seconds: 600 } }");
  Computing one(*cache_, "a");
  Computing other(*cache_, "a");
  ASSERT_TRUE(InFlight(2));

  one.Cancel();
  other.Cancel();

  EXPECT_EQ(one.Wait().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(other.Wait().code(), absl::StatusCode::kCancelled);
  ASSERT_TRUE(InFlight(0));
  // It would have been shared if it still went on.
  Set("cache", "cache { compute_delay {} }");
  EXPECT_EQ(GetOrCompute("key: 'a'").source(), api::COMPUTED);
  EXPECT_EQ(Stats().shared(), 0);
}

TEST_F(CacheTargetTest, OneThatLeavesTakesNothingFromThoseWhoStay) {
  Set("cache", "cache { compute_delay { seconds: 2 } }");
  Computing leaves(*cache_, "a");
  ASSERT_TRUE(InFlight(1));
  Computing stays(*cache_, "a");
  ASSERT_TRUE(InFlight(2));

  leaves.Cancel();
  EXPECT_EQ(leaves.Wait().code(), absl::StatusCode::kCancelled);

  EXPECT_TRUE(stays.Wait().ok());
  EXPECT_EQ(Get("a"), absl::StrCat("FIRST_TIER ", stays.response().value()));
  EXPECT_EQ(Stats().shared(), 1);
}

TEST_F(CacheTargetTest, ACallThatIsOverWaitsNoLonger) {
  Set("cache", "cache { compute_delay { seconds: 600 } }");
  api::GetOrComputeResponse response;

  const absl::Status status =
      Call(&Stub::GetOrCompute, "key: 'a'", response, absl::Milliseconds(50));

  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(InFlight(0));
}

TEST_F(CacheTargetTest, TellsWhichFieldIsWrong) {
  api::CacheGetResponse got;
  api::GetOrComputeResponse computed;
  const std::string long_key(1'025, 'k');

  EXPECT_EQ(
      Call(&Stub::Get, "", got),
      absl::InvalidArgumentError("key: must have 1 to 1024 bytes, got 0"));
  EXPECT_EQ(
      Put(absl::StrCat("key: '", long_key, "'")),
      absl::InvalidArgumentError("key: must have 1 to 1024 bytes, got 1025"));
  EXPECT_EQ(Put(absl::StrCat("key: 'a' value: '",
                             std::string((16 << 20) + 1, 'v'), "'")),
            absl::InvalidArgumentError(
                "value: must have 0 to 16777216 bytes, got 16777217"));
  EXPECT_EQ(Put("key: 'a' ttl {}"),
            absl::InvalidArgumentError("ttl: must be > 0 and <= 24h, got 0"));
  EXPECT_EQ(
      Put("key: 'a' ttl { seconds: 86401 }"),
      absl::InvalidArgumentError("ttl: must be > 0 and <= 24h, got 24h1s"));
  EXPECT_EQ(
      Call(&Stub::GetOrCompute, "key: 'a' value_bytes: 16777217", computed),
      absl::InvalidArgumentError(
          "value_bytes: must be 1 to 16,777,216, got 16,777,217"));
  EXPECT_EQ(StatisticsOf("cache").finished().at("INVALID_ARGUMENT"), 6);
}

TEST_F(CacheTargetTest, AValueEndsWithItsTime) {
  ASSERT_TRUE(Put("key: 'a' value: '1' ttl { nanos: 1000000 }").ok());
  EXPECT_TRUE(Eventually([&] { return Get("a") == "none"; }));
  Set("cache", "cache { ttl { nanos: 1000000 } }");

  ASSERT_TRUE(Put("key: 'b' value: '1'").ok());

  EXPECT_TRUE(Eventually([&] { return Get("b") == "none"; }));
}

TEST_F(CacheTargetTest, TheFirstTierIsBoundedAndTheLeastUsedLeaves) {
  Set("cache", "cache { l1_bytes: 20000 l2_delay {} }");
  const std::string value(1'000, 'v');
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(Put(absl::StrCat("key: 'k", i, "' value: '", value, "'")).ok());
  }

  EXPECT_LE(Stats().cache().bytes(), 20'000);
  EXPECT_EQ(Stats().cache().bytes_limit(), 20'000);
  EXPECT_GT(Stats().cache().evicted(), 50);
  EXPECT_THAT(Get("k99"), StartsWith("FIRST_TIER"));
  EXPECT_THAT(Get("k0"), StartsWith("SECOND_TIER"));
  // A value may be as large as the tier.
  Set("cache", "cache { l1_bytes: 4001000 }");
  EXPECT_EQ(GetOrCompute("key: 'large' value_bytes: 4000000").source(),
            api::COMPUTED);
  EXPECT_EQ(GetOrCompute("key: 'large'").source(), api::FIRST_TIER);
}

TEST_F(CacheTargetTest, WithoutASecondTierTheFirstIsAll) {
  Set("cache", "cache { l2: false compute_delay {} }");
  ASSERT_TRUE(Put("key: 'a' value: '1'").ok());
  EXPECT_EQ(Get("a"), "FIRST_TIER 1");
  ASSERT_TRUE(Invalidate("").ok());

  EXPECT_EQ(Get("a"), "none");
  EXPECT_EQ(PhaseOf("provider"), 0);
  EXPECT_EQ(GetOrCompute("key: 'a'").source(), api::COMPUTED);
  EXPECT_EQ(Stats().breaker(), "");
  EXPECT_EQ(TextOf("second_tier"), "none");
}

TEST_F(CacheTargetTest, OtherOptionsStartTheFirstTierAnewAndKeepTheSecond) {
  ASSERT_TRUE(Put("key: 'a' value: '1'").ok());
  EXPECT_EQ(StateOf("cache", "second_tier_entries"), 1);

  Set("cache", "cache { l1_bytes: 1000000 l2_delay { nanos: 30000000 } }");

  EXPECT_EQ(StateOf("cache", "cache_entries"), 0);
  EXPECT_EQ(Get("a"), "SECOND_TIER 1");
  EXPECT_GE(PhaseOf("provider"), 30 * kMillisecond);
  // A time alone makes nothing anew.
  Set("cache", "cache { l2_delay {} compute_delay {} ttl { seconds: 9 } }");
  EXPECT_EQ(Get("a"), "FIRST_TIER 1");
}

TEST_F(CacheTargetTest, AChangeOfOptionsLeavesCallsUnderWayAlone) {
  Set("cache", "cache { compute_delay { nanos: 300000000 } }");
  Computing caller(*cache_, "a");
  ASSERT_TRUE(InFlight(1));

  Set("cache", "cache { l1_bytes: 1000000 }");
  ASSERT_TRUE(caller.Wait().ok());

  // What it computed is in the tier that both have.
  EXPECT_TRUE(Eventually(
      [&] { return Get("a") == "SECOND_TIER " + caller.response().value(); }));
  EXPECT_EQ(StatisticsOf("cache").cache().misses(), Stats().cache().misses());
}

TEST_F(CacheTargetTest, SealedValuesComeBackAndPlainOnesAreDamagedThen) {
  ASSERT_TRUE(Put("key: 'plain' value: '1'").ok());
  Set("cache", "cache { encrypt: true }");
  ASSERT_TRUE(Put("key: 'sealed' value: '2'").ok());
  ASSERT_TRUE(Invalidate("").ok());

  EXPECT_EQ(Get("sealed"), "SECOND_TIER 2");
  EXPECT_EQ(Get("plain"), "none");

  EXPECT_EQ(Stats().damaged(), 1);
}

TEST_F(CacheTargetTest, TheRealSecondTierNeedsAFlag) {
  v1::UpdateBehaviorRequest request;
  request.set_name("targets/cache");
  request.mutable_behavior()->mutable_cache()->set_l2_back_end(v1::REAL);

  const absl::Status status = host_.Update(request).status();

  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(status.message()),
            "behavior.cache.l2_back_end: must be MOCK in a daemon that was "
            "started without --redis, got REAL");
  EXPECT_NE(host_.Get("cache")->behavior().cache().l2_back_end(), v1::REAL);
  HostOptions options;
  options.redis = "host:0";
  EXPECT_THAT(std::string(Host::Check(options).message()),
              StartsWith("redis: must be [redis://]"));
}

TEST_F(CacheTargetTest, TooManyAtTheSecondTierAreToldWhichLimitThatIs) {
  Set("cache", "cache { l2_concurrency: 1 l2_delay { nanos: 900000000 } }");
  Computing first(*cache_, "a");
  ASSERT_TRUE(InFlight(1));

  const std::string second = Get("b");

  EXPECT_THAT(second, StartsWith("RESOURCE_EXHAUSTED: l2_concurrency: waited"));
  EXPECT_EQ(Stats().refused(), 1);
}

TEST_F(CacheTargetTest, ASecondTierThatIsTooSlowIsLeftAlone) {
  Set("cache",
      "cache { l2_delay { seconds: 60 } adaptive_timeout: false "
      "compute_delay {} }");
  std::vector<std::unique_ptr<Computing>> callers;
  for (int i = 0; i < 30; ++i) {
    callers.push_back(
        std::make_unique<Computing>(*cache_, absl::StrCat("k", i)));
  }
  for (const auto& caller : callers) EXPECT_TRUE(caller->Wait().ok());

  const auto stats = Stats();
  // Open, or half open once a second has passed.
  EXPECT_THAT(stats.breaker(), HasSubstr("open"));
  EXPECT_THAT(TextOf("breaker"), HasSubstr("open"));
  EXPECT_GE(stats.opened(), 1);
  EXPECT_GE(stats.timeouts(), 20);
  EXPECT_GT(stats.skipped(), 0);
  EXPECT_EQ(stats.timeout().seconds(), 1);
  EXPECT_EQ(stats.computed(), 30);
}

TEST_F(CacheTargetTest, TheTimeLimitFollowsWhatTheSecondTierTakes) {
  EXPECT_EQ(Stats().timeout().seconds(), 1);

  EXPECT_TRUE(Eventually([&] {
    EXPECT_EQ(Get("a"), "none");
    return Stats().timeout().seconds() == 0;
  }));
}

TEST_F(CacheTargetTest, AResetEmptiesBothTiersAndEndsWhatWaits) {
  ASSERT_TRUE(Put("key: 'a' value: '1'").ok());
  Set("cache", "cache { compute_delay { seconds: 600 } }");
  Computing caller(*cache_, "b");
  ASSERT_TRUE(InFlight(1));

  ASSERT_TRUE(host_.Reset("cache").ok());

  EXPECT_EQ(caller.Wait(), absl::UnavailableError("the target was reset"));
  EXPECT_EQ(StateOf("cache", "second_tier_bytes"), 0);
  EXPECT_EQ(Stats().cache().hits() + Stats().cache().misses(), 0);
  EXPECT_EQ(Get("a"), "none");
}

TEST_F(CacheTargetTest, WhatIsCountedSinceTheStartNeverGoesBack) {
  const auto totals = [&] {
    for (const v1::Target& target : host_.Totals()) {
      if (target.name() == "targets/cache") return target.statistics().cache();
    }
    return v1::CacheStatistics();
  };
  ASSERT_TRUE(Put("key: 'a' value: '1'").ok());
  Get("a");
  Get("b");
  EXPECT_GT(totals().bytes(), 0);

  Set("cache", "cache { l1_bytes: 1000000 }");
  Get("a");
  ASSERT_TRUE(host_.Reset("cache").ok());
  Get("a");

  EXPECT_EQ(totals().hits(), 2);
  EXPECT_EQ(totals().misses(), 2);
  EXPECT_EQ(StatisticsOf("cache").cache().hits(), 0);
  EXPECT_EQ(StatisticsOf("cache").cache().misses(), 1);
  EXPECT_EQ(StateOf("cache", "cache_misses"), 1);
}

TEST_F(CacheTargetTest, ItsOwnBehaviorComesFirst) {
  Set("cache", "delay { fixed { nanos: 5000000 } }");
  ASSERT_TRUE(Put("key: 'a' value: '1'").ok());
  EXPECT_EQ(Get("a"), "FIRST_TIER 1");
  EXPECT_GE(PhaseOf("work"), 5 * kMillisecond);

  Set("cache", "faults { rate: 1 status: 'ABORTED' }");

  EXPECT_THAT(Get("a"), HasSubstr("ABORTED"));
  EXPECT_EQ(StatisticsOf("cache").cache().hits(), 1);
}

}  // namespace
}  // namespace perfrig::targets
