// The Cache target with a real Redis as second tier.
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/cache/redis_connection.h"
#include "tests/integration/cache_fixture.h"
#include "tests/support/servers/redis_server.h"

namespace perfrig::targets {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Before the host that is to use it.
struct StartedRedis {
  absl::StatusOr<std::unique_ptr<RedisServer>> redis = RedisServer::Create();
};

class CacheRedisTest : protected StartedRedis, public CacheFixture {
 protected:
  CacheRedisTest() : CacheFixture(With(redis)) {}

  static HostOptions With(
      const absl::StatusOr<std::unique_ptr<RedisServer>>& redis) {
    HostOptions options = Allowing();
    options.redis =
        absl::StrCat("unix:", redis.ok() ? (*redis)->socket() : "/none");
    return options;
  }
  void SetUp() override {
    if (absl::IsNotFound(redis.status())) {
      ASSERT_EQ(std::getenv("PERFRIG_NO_SKIP"), nullptr) << redis.status();
      GTEST_SKIP() << redis.status();
    }
    ASSERT_TRUE(redis.ok()) << redis.status();
    Set("cache", "cache { l2_back_end: REAL compute_delay {} }");
  }

  // Past the target.
  std::string Ask(const std::vector<std::string_view>& command) {
    cache::RedisConnection connection(
        clock_,
        {.host = (*redis)->socket(), .port = 0, .user = "", .password = ""},
        1U << 20);
    const auto reply = connection.Run(command, clock_.Now() + 20 * kSecond);
    EXPECT_TRUE(reply.ok()) << reply.status();
    return reply.ok() ? reply->text : "";
  }
};

TEST_F(CacheRedisTest, IsTheSecondTierUntilTheReset) {
  ASSERT_TRUE(Put("key: 'a' value: '1'").ok());
  EXPECT_GT(PhaseOf("provider"), 0);
  EXPECT_EQ(TextOf("second_tier"), "redis");
  ASSERT_TRUE(Invalidate("").ok());
  EXPECT_EQ(Get("a"), "SECOND_TIER 1");
  EXPECT_THAT(Ask({"RANDOMKEY"}), StartsWith("perfrig:"));

  ASSERT_TRUE(host_.Reset("cache").ok());
  Set("cache", "cache { l2_back_end: REAL }");

  EXPECT_EQ(Get("a"), "none");
  EXPECT_EQ(Stats().damaged(), 0);
  ASSERT_TRUE(Put("key: 'b' value: '2'").ok());
  ASSERT_TRUE(Invalidate("b").ok());
  EXPECT_EQ(Get("b"), "none");
}

TEST_F(CacheRedisTest, WhatIsDamagedThereIsAMissAndNeverData) {
  for (const char* sealed : {"false", "true"}) {
    ASSERT_TRUE(host_.Reset("cache").ok());
    Set("cache",
        absl::StrCat("cache { l2_back_end: REAL encrypt: ", sealed, " }"));
    Ask({"FLUSHALL"});
    ASSERT_TRUE(Put("key: 'a' value: 'secret'").ok());
    const std::string key = Ask({"RANDOMKEY"});
    const std::string whole = Ask({"GET", key});
    ASSERT_TRUE(key.ends_with(":a")) << key;
    EXPECT_EQ(whole.find("secret") == std::string::npos,
              std::string(sealed) == "true");

    std::string flipped = whole;
    flipped.back() = static_cast<char>(flipped.back() ^ 1);
    for (const std::string& damaged :
         {flipped, whole.substr(0, whole.size() - 1), std::string("?")}) {
      Ask({"SET", key, damaged});
      ASSERT_TRUE(Invalidate("").ok());
      EXPECT_EQ(Get("a"), "none");
    }
    // Another key's.
    Ask({"SET", key.substr(0, key.size() - 1) + "b", whole});
    EXPECT_EQ(Get("b"), "none");

    EXPECT_EQ(Stats().damaged(), 4);
    EXPECT_EQ(Stats().cache().misses(), 4);
    Ask({"SET", key, whole});
    EXPECT_EQ(Get("a"), "SECOND_TIER secret");
  }
}

TEST_F(CacheRedisTest, WhereItDiesTheFirstTierGoesOnAndItsReturnIsSeen) {
  ASSERT_TRUE(Put("key: 'a' value: '1'").ok());

  (*redis)->Stop();
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(Get("a"), "FIRST_TIER 1");
    EXPECT_EQ(GetOrCompute(absl::StrCat("key: 'b", i, "'")).source(),
              api::COMPUTED);
    EXPECT_EQ(Put(absl::StrCat("key: 'c' value: '", i, "'")).code(),
              absl::StatusCode::kUnavailable);
    EXPECT_EQ(Get("c"), absl::StrCat("FIRST_TIER ", i));
  }
  EXPECT_THAT(TextOf("breaker"), HasSubstr("open"));
  EXPECT_GE(Stats().opened(), 1);
  EXPECT_GT(Stats().skipped(), 0);
  ASSERT_TRUE((*redis)->Start().ok());

  EXPECT_TRUE(Eventually([&] {
    return Put("key: 'd' value: '4'").ok() && Stats().breaker() == "closed";
  }));
  ASSERT_TRUE(Invalidate("").ok());
  EXPECT_EQ(Get("d"), "SECOND_TIER 4");
}

TEST_F(CacheRedisTest, ACallThatIsOverWaitsForItNoLonger) {
  ASSERT_TRUE(Put("key: 'a' value: '1'").ok());
  ASSERT_TRUE(Invalidate("").ok());
  (*redis)->Freeze();

  api::CacheGetResponse response;
  const absl::Status status =
      Call(&Stub::Get, "key: 'a'", response, absl::Milliseconds(50));
  EXPECT_TRUE(
      Eventually([&] { return StatisticsOf("cache").in_flight() == 0; }));
  (*redis)->GoOn();

  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(Eventually([&] { return Get("a") == "SECOND_TIER 1"; }));
}

TEST_F(CacheRedisTest, AShutdownEndsWhatNobodyWaitsForToo) {
  (*redis)->Freeze();
  // Each leaves a put behind.
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(GetOrCompute(absl::StrCat("key: '", i, "'")).source(),
              api::COMPUTED);
  }

  host_.Shutdown();

  EXPECT_THAT(Get("a"), StartsWith("UNAVAILABLE"));
  (*redis)->GoOn();
}

class AwayRedisTest : public CacheFixture {
 protected:
  AwayRedisTest() : CacheFixture(Away()) {}

  static HostOptions Away() {
    HostOptions options = Allowing();
    options.redis = "unix:/none/redis.sock";
    return options;
  }
};

TEST_F(AwayRedisTest, TheDaemonStartsAndTheFirstTierWorks) {
  Set("cache", "cache { l2_back_end: REAL compute_delay {} }");

  EXPECT_EQ(Put("key: 'a' value: '1'").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Get("a"), "FIRST_TIER 1");
  EXPECT_EQ(GetOrCompute("key: 'b'").source(), api::COMPUTED);
  EXPECT_EQ(GetOrCompute("key: 'b'").source(), api::FIRST_TIER);
}

}  // namespace
}  // namespace perfrig::targets
