#include "server/cache/mock_tier.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "server/cache/pending.h"
#include "server/cache/value.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_delay_queue.h"
#include "tests/unit/server/cache/answers.h"

namespace perfrig::cache {
namespace {

class MockTierTest : public ::testing::Test {
 protected:
  MockTierTest() { tier_.SetDelay(2 * kMillisecond); }
  void TearDown() override { tier_.Close(); }

  void Put(const std::string& key, const std::string& value,
           Nanos ttl = kNever) {
    Put(key, MakeValue(value), ttl);
  }
  void Put(const std::string& key, const Value& value, Nanos ttl = kNever) {
    tier_.Put(key, value, ttl, kNever, puts_.Ask());
    delays_.Advance(2 * kMillisecond);
    ASSERT_TRUE(puts_.last().ok()) << puts_.last();
  }
  Value Get(const std::string& key) {
    tier_.Get(key, kNever, gets_.Ask());
    delays_.Advance(2 * kMillisecond);
    for (const auto& task : std::exchange(elsewhere_, {})) task();
    return *gets_.last();
  }

  FakeClock clock_;
  FakeDelayQueue delays_{clock_};
  std::vector<std::pair<Nanos, Nanos>> delays_told_;
  std::vector<std::function<void()>> elsewhere_;
  MockTier tier_{clock_,
                 delays_,
                 {.observer =
                      [this](Nanos injected, Nanos lateness) {
                        delays_told_.emplace_back(injected, lateness);
                      },
                  .elsewhere =
                      [this](std::function<void()> task) {
                        elsewhere_.push_back(std::move(task));
                        return absl::OkStatus();
                      }}};
  Answers<absl::Status> puts_;
  Answers<absl::StatusOr<Value>> gets_;
};

TEST_F(MockTierTest, KeepsValuesAndAnswersAfterTheDelay) {
  Put("a", "1");

  tier_.Get("a", kNever, gets_.Ask());
  delays_.Advance(2 * kMillisecond - 1);
  EXPECT_EQ(gets_.size(), 0);
  delays_.Advance(1);

  EXPECT_EQ(**gets_.at(0), "1");
  EXPECT_EQ(Get("b"), nullptr);
  tier_.Delete("a", kNever, puts_.Ask());
  delays_.Advance(2 * kMillisecond);
  EXPECT_EQ(Get("a"), nullptr);
}

TEST_F(MockTierTest, TellsOfEachDelayThatIsOver) {
  tier_.Put("a", MakeValue("1"), kNever, kNever, puts_.Ask());
  delays_.AdvanceTo(clock_.Now() + 2 * kMillisecond, 30);
  // Its deadline is no delay.
  tier_.Get("a", clock_.Now() + kMillisecond, gets_.Ask());
  delays_.Advance(kSecond);

  ASSERT_EQ(delays_told_.size(), 1U);
  EXPECT_EQ(delays_told_[0].first, 2 * kMillisecond);
  EXPECT_EQ(delays_told_[0].second, 30);
}

TEST_F(MockTierTest, ALargeValueIsGivenElsewhere) {
  const std::string large(100'000, 'x');
  Put("a", large);

  tier_.Get("a", kNever, gets_.Ask());
  delays_.Advance(2 * kMillisecond);

  ASSERT_EQ(elsewhere_.size(), 1U);
  EXPECT_EQ(gets_.size(), 0U);
  elsewhere_.front()();
  EXPECT_EQ(**gets_.last(), large);
}

TEST_F(MockTierTest, AnotherDelayHoldsForWhatIsAskedFromNowOn) {
  tier_.Get("a", kNever, gets_.Ask());
  tier_.SetDelay(0);
  tier_.Get("a", kNever, gets_.Ask());

  delays_.Advance(0);
  EXPECT_EQ(gets_.size(), 1);
  delays_.Advance(2 * kMillisecond);

  EXPECT_EQ(gets_.size(), 2);
}

TEST_F(MockTierTest, WithoutADelayItAnswersAtOnce) {
  tier_.SetDelay(0);

  tier_.Put("a", MakeValue("1"), kNever, kNever, puts_.Ask());
  tier_.Get("a", kNever, gets_.Ask());

  EXPECT_EQ(puts_.size(), 1);
  ASSERT_EQ(gets_.size(), 1);
  EXPECT_EQ(**gets_.at(0), "1");
  EXPECT_EQ(delays_.pending(), 0);
}

TEST_F(MockTierTest, WhatIsAskedForOneKeyHappensInOrderWhateverTheDelays) {
  tier_.Put("a", MakeValue("1"), kNever, kNever, puts_.Ask());
  tier_.SetDelay(0);
  tier_.Get("a", kNever, gets_.Ask());

  delays_.Advance(0);

  EXPECT_EQ(**gets_.at(0), "1");
}

TEST_F(MockTierTest, AnswersAtTheDeadlineWhereTheDelayIsLonger) {
  tier_.Get("a", clock_.Now() + kMillisecond, gets_.Ask());

  delays_.Advance(kMillisecond);

  EXPECT_TRUE(absl::IsDeadlineExceeded(gets_.at(0).status()));
}

TEST_F(MockTierTest, AValueEndsWithItsTime) {
  Put("a", "1", kSecond);
  EXPECT_NE(Get("a"), nullptr);

  delays_.Advance(kSecond);

  EXPECT_EQ(Get("a"), nullptr);
}

TEST_F(MockTierTest, IsBoundedInBytes) {
  const Value large = MakeValue(std::string(std::size_t{16} << 20, 'x'));

  for (int i = 0; i < 40; ++i) Put("large/" + std::to_string(i), large);

  EXPECT_LE(tier_.statistics().bytes, MockTier::kMaxBytes);
  EXPECT_EQ(tier_.statistics().entries, 15);
  EXPECT_NE(Get("large/39"), nullptr);
  EXPECT_EQ(Get("large/0"), nullptr);
  tier_.Clear();
  EXPECT_EQ(tier_.statistics().bytes, 0);
}

TEST_F(MockTierTest, AWithdrawnOneLeavesTheDelayQueue) {
  const auto pending = gets_.Ask();
  tier_.Get("a", kNever, pending);

  EXPECT_TRUE(pending->Withdraw());

  EXPECT_EQ(delays_.pending(), 0);
  delays_.Advance(kSecond);
  EXPECT_EQ(gets_.size(), 0);
}

TEST_F(MockTierTest, AClosedOneAnswersWhatWaitsAndWhatComes) {
  tier_.Get("a", kNever, gets_.Ask());
  tier_.Get("b", kNever, gets_.Ask());

  tier_.Close();
  EXPECT_EQ(gets_.size(), 2);
  tier_.Get("c", kNever, gets_.Ask());

  EXPECT_EQ(delays_.pending(), 0);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(absl::IsUnavailable(gets_.at(i).status()));
  }
}

}  // namespace
}  // namespace perfrig::cache
