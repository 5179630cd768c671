#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/unit/server/local/local_fixture.h"

namespace perfrig::local {
namespace {

using ::testing::HasSubstr;

class TierCallsTest : public LocalFixture {};

TEST_F(TierCallsTest, TheBreakerOpensIsTriedAndCloses) {
  // Opens with the tenth failure; the first try fails too.
  const auto call = Make(
      "tier.get", R"({"fail_after":20,"fail_calls":11,"breaker_open":"1s"})");
  ASSERT_TRUE(call.ok());
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(RunOnce(**call).ok());
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(RunOnce(**call).code(), absl::StatusCode::kUnavailable);
    EXPECT_FALSE(told_.contains("refused_us"));
  }
  EXPECT_EQ(told_["opened"], 1);

  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(RunOnce(**call).code(), absl::StatusCode::kUnavailable);
    EXPECT_TRUE(told_.contains("refused_us"));
  }
  EXPECT_EQ(told_["half_opened"], 0);
  clock_.Advance(kSecond);
  EXPECT_EQ(RunOnce(**call).code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(told_.contains("refused_us"));
  EXPECT_EQ(told_["opened"], 2);
  clock_.Advance(kSecond);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(RunOnce(**call).ok());

  EXPECT_EQ(told_["opened"], 2);
  EXPECT_EQ(told_["half_opened"], 2);
}

TEST_F(TierCallsTest, TheTimeoutFollowsWhereItShall) {
  EXPECT_EQ(Try("tier.get", R"({})", 20), "OK");
  EXPECT_EQ(told_["timeout_ms"], 10);
  EXPECT_EQ(Try("tier.get", R"({"timeout_floor":"1ms"})", 20), "OK");
  EXPECT_EQ(told_["timeout_ms"], 1);
  EXPECT_EQ(Try("tier.get", R"({"adaptive_timeout":false})", 20), "OK");
  EXPECT_EQ(told_["timeout_ms"], 1'000);
}

TEST_F(TierCallsTest, MoreThanMayWaitAreRefused) {
  SystemClock clock;
  SystemDelayQueue delays(clock);
  functions_ = MakeLocalFunctions({.clock = clock, .delays = delays});
  std::vector<std::thread> lanes;
  std::atomic<int> refused = 0;
  std::atomic<int> expired = 0;
  std::atomic<int> fine = 0;

  for (int lane = 0; lane < 6; ++lane) {
    lanes.emplace_back([&] {
      const auto call = Make("tier.get", R"({"shared":true,"max_in_flight":1,
          "max_waiting":1,"max_wait":"1ms","second_tier_delay":"30ms"})");
      for (int i = 0; i < 3; ++i) {
        if (!(*call)->Prepare().ok()) continue;
        const absl::Status status = (*call)->Run();
        if (status.ok()) ++fine;
        if (absl::IsResourceExhausted(status)) ++refused;
        if (absl::IsDeadlineExceeded(status)) ++expired;
      }
    });
  }
  for (std::thread& lane : lanes) lane.join();

  EXPECT_EQ(fine + refused + expired, 18);
  EXPECT_GT(fine, 0);
  EXPECT_GT(refused, 0);
  EXPECT_GT(expired, 0);
}

TEST_F(TierCallsTest, DataThatMakeNoSenseAreRefused) {
  EXPECT_THAT(Try("tier.get", R"({"second_tier":"none"})"),
              HasSubstr("data.second_tier must be memory or redis, got none"));
  EXPECT_THAT(Try("tier.get", R"({"max_in_flight":0})"),
              HasSubstr("data.max_in_flight must be 1 to"));
  EXPECT_THAT(Try("tier.get", R"({"second_tier":"redis"})"),
              HasSubstr("--redis"));
}

}  // namespace
}  // namespace perfrig::local
