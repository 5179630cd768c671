#include "server/cache/redis_tier.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/servers/redis_server.h"
#include "tests/unit/server/cache/answers.h"

namespace perfrig::cache {
namespace {

constexpr Nanos kLong = 20 * kSecond;

class RedisTierTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = RedisServer::Create();
    if (absl::IsNotFound(server.status())) {
      ASSERT_EQ(std::getenv("PERFRIG_NO_SKIP"), nullptr) << server.status();
      GTEST_SKIP() << server.status();
    }
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  // Of a server's.
  static RedisAddress AddressOf(const RedisServer& server) {
    return {.host = server.socket(), .port = 0, .user = "", .password = ""};
  }
  [[nodiscard]] RedisAddress address() const { return AddressOf(*server_); }

  absl::StatusOr<Value> Get(RedisTier& tier, const std::string& key,
                            Nanos timeout = kLong) {
    Answers<absl::StatusOr<Value>> answers;
    tier.Get(key, clock_.Now() + timeout, answers.Ask());
    return answers.at(0);
  }
  absl::Status Put(RedisTier& tier, const std::string& key,
                   const std::string& value, Nanos ttl = kNever) {
    Answers<absl::Status> answers;
    tier.Put(key, MakeValue(value), ttl, clock_.Now() + kLong, answers.Ask());
    return answers.at(0);
  }
  absl::Status Delete(RedisTier& tier, const std::string& key) {
    Answers<absl::Status> answers;
    tier.Delete(key, clock_.Now() + kLong, answers.Ask());
    return answers.at(0);
  }

  SystemClock clock_;
  std::unique_ptr<RedisServer> server_;
};

TEST_F(RedisTierTest, KeepsBytesOfAnyKind) {
  RedisTier tier(clock_, {.address = address()});
  const std::string key = {'k', '\0', '\r', '\n'};
  std::string value = {'\0', '\r', '\n', '$', '5'};
  value += std::string(300'000, '\xff');

  EXPECT_EQ(*Get(tier, key), nullptr);
  ASSERT_TRUE(Put(tier, key, value).ok());
  EXPECT_EQ(**Get(tier, key), value);
  ASSERT_TRUE(Put(tier, key, "").ok());
  EXPECT_EQ(**Get(tier, key), "");
  EXPECT_TRUE(Delete(tier, key).ok());
  EXPECT_TRUE(Delete(tier, key).ok());

  EXPECT_EQ(*Get(tier, key), nullptr);
}

TEST_F(RedisTierTest, AValueEndsWithItsTime) {
  RedisTier tier(clock_, {.address = address()});

  ASSERT_TRUE(Put(tier, "a", "1", kMillisecond).ok());

  const Nanos stop = clock_.Now() + kLong;
  while (*Get(tier, "a") != nullptr && clock_.Now() < stop) {
  }
  EXPECT_EQ(*Get(tier, "a"), nullptr);
}

TEST_F(RedisTierTest, WhatIsAskedForOneKeyHappensInOrder) {
  RedisTier tier(clock_, {.address = address(), .max_waiting = 5'000});
  Answers<absl::Status> puts;
  Answers<absl::StatusOr<Value>> gets;

  for (int i = 0; i < 500; ++i) {
    tier.Put("a", MakeValue(absl::StrCat(i)), kNever, clock_.Now() + kLong,
             puts.Ask());
    tier.Get("a", clock_.Now() + kLong, gets.Ask());
  }

  for (int i = 0; i < 500; ++i) EXPECT_EQ(**gets.at(i), absl::StrCat(i));
}

TEST_F(RedisTierTest, ConnectsAgainAfterRedisWasAway) {
  RedisTier tier(clock_, {.address = address(), .connections = 1});
  ASSERT_TRUE(Put(tier, "a", "1").ok());

  server_->Stop();
  const absl::Status away = Get(tier, "a").status();
  EXPECT_TRUE(absl::IsUnavailable(away)) << away;
  ASSERT_TRUE(server_->Start().ok());

  const auto back = Get(tier, "a");
  EXPECT_TRUE(back.ok()) << back.status();
}

TEST_F(RedisTierTest, AConnectionThatDiedIdleCostsNoOperation) {
  RedisTier tier(clock_, {.address = address(), .connections = 1});
  ASSERT_TRUE(Put(tier, "a", "1").ok());

  server_->Stop();
  ASSERT_TRUE(server_->Start().ok());

  const auto got = Get(tier, "a");
  EXPECT_TRUE(got.ok()) << got.status();
}

TEST_F(RedisTierTest, ARedisThatHangsIsLeftAtTheDeadline) {
  RedisTier tier(clock_, {.address = address(), .connections = 1});
  ASSERT_TRUE(Put(tier, "a", "1").ok());
  server_->Freeze();

  const absl::Status late = Get(tier, "a", 20 * kMillisecond).status();
  server_->GoOn();

  EXPECT_TRUE(absl::IsDeadlineExceeded(late)) << late;
  // Not the late answer to the earlier question.
  EXPECT_EQ(*Get(tier, "b"), nullptr);
}

TEST_F(RedisTierTest, TooManyThatWaitAreRefusedAndWithdrawnOnesLeave) {
  Answers<absl::StatusOr<Value>> answers;
  std::vector<PendingPtr<absl::StatusOr<Value>>> asked;
  RedisTier tier(clock_,
                 {.address = address(), .connections = 1, .max_waiting = 2});
  server_->Freeze();
  const auto ask = [&] {
    asked.push_back(answers.Ask());
    tier.Get("a", clock_.Now() + kLong, asked.back());
  };
  // One may run, two wait: the fourth is too many, whether the thread has
  // taken the first or not.
  for (int i = 0; i < 4; ++i) ask();

  const std::size_t refused = answers.size();
  EXPECT_GE(refused, 1);
  EXPECT_TRUE(absl::IsResourceExhausted(answers.at(0).status()));
  for (const auto& each : asked) each->Withdraw();
  server_->GoOn();
  EXPECT_EQ(*Get(tier, "a"), nullptr);

  EXPECT_EQ(answers.size(), refused);
}

TEST_F(RedisTierTest, LogsInAndChoosesADatabase) {
  const auto locked = RedisServer::Create("secret");
  ASSERT_TRUE(locked.ok()) << locked.status();
  RedisAddress address = AddressOf(**locked);
  address.password = "secret";
  RedisTier first(clock_, {.address = address});
  ASSERT_TRUE(Put(first, "a", "0").ok());
  address.database = 3;
  RedisTier third(clock_, {.address = address});
  EXPECT_EQ(*Get(third, "a"), nullptr);
  address.user = "default";
  address.database = 0;
  EXPECT_EQ(**Get(*std::make_unique<RedisTier>(
                      clock_, RedisOptions{.address = address}),
                  "a"),
            "0");

  address.password = "wrong";
  RedisTier wrong(clock_, {.address = address});
  EXPECT_TRUE(absl::IsUnauthenticated(Get(wrong, "a").status()));
  address.password = "";
  RedisTier none(clock_, {.address = address});
  EXPECT_TRUE(absl::IsUnauthenticated(Get(none, "a").status()));
}

TEST_F(RedisTierTest, AClosedOneAnswersWhatWaitsAndWhatComes) {
  Answers<absl::StatusOr<Value>> answers;
  RedisTier tier(clock_, {.address = address(), .connections = 1});
  server_->Freeze();
  for (int i = 0; i < 3; ++i) {
    tier.Get("a", clock_.Now() + 50 * kMillisecond, answers.Ask());
  }

  tier.Close();
  EXPECT_EQ(answers.size(), 3);
  tier.Get("a", clock_.Now() + kLong, answers.Ask());

  EXPECT_TRUE(absl::IsUnavailable(answers.at(3).status()));
}

TEST_F(RedisTierTest, WhatStillWaitsAtTheEndIsAnswered) {
  Answers<absl::StatusOr<Value>> answers;
  {
    RedisTier tier(clock_, {.address = address(), .connections = 1});
    server_->Freeze();
    for (int i = 0; i < 3; ++i) {
      tier.Get("a", clock_.Now() + 50 * kMillisecond, answers.Ask());
    }
  }

  EXPECT_EQ(answers.size(), 3);
}

}  // namespace
}  // namespace perfrig::cache
