#include "server/load/retry.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace perfrig::load {
namespace {

constexpr int kUnavailable = 14;
constexpr int kNotFound = 5;
constexpr Nanos kPause = 100 * kMillisecond;

RetryPolicy Steady(std::uint32_t attempts) {
  return {.attempts = attempts,
          .backoff = kPause,
          .factor = 2,
          .longest = kSecond,
          .jitter = 0,
          .statuses = 1U << kUnavailable};
}

class RetryTest : public testing::Test {
 protected:
  // The pause after an attempt that ended so at `done`.
  std::optional<Nanos> PauseAfter(const RetryPolicy& policy, int status,
                                  Nanos done = kSecond) {
    drivers::Outcome outcome;
    outcome.sent = sent_;
    outcome.done = done;
    outcome.status = status;
    outcome.trailers = &trailers_;
    outcome.bytes_sent = 7;
    const auto due = attempts_.TryAgain(policy, outcome, random_);
    if (!due) return std::nullopt;
    return *due - done;
  }

  std::mt19937_64 random_{1};
  Nanos sent_ = kMillisecond;
  std::vector<drivers::Header> trailers_;
  Attempts attempts_;
};

TEST_F(RetryTest, PausesGrowUpToTheLongestUntilTheAttemptsAreUsedUp) {
  attempts_.Begin(0, kNever);

  EXPECT_EQ(PauseAfter(Steady(7), kUnavailable), kPause);
  EXPECT_EQ(PauseAfter(Steady(7), kUnavailable), 2 * kPause);
  EXPECT_EQ(PauseAfter(Steady(7), kUnavailable), 4 * kPause);
  EXPECT_EQ(PauseAfter(Steady(7), kUnavailable), 8 * kPause);
  EXPECT_EQ(PauseAfter(Steady(7), kUnavailable), kSecond);
  EXPECT_EQ(PauseAfter(Steady(7), kUnavailable), kSecond);
  EXPECT_EQ(PauseAfter(Steady(7), kUnavailable), std::nullopt);
  EXPECT_EQ(attempts_.count(), 7U);
}

TEST_F(RetryTest, OnlyItsStatusesAreTriedAgain) {
  attempts_.Begin(0, kNever);

  EXPECT_EQ(PauseAfter(Steady(3), kNotFound), std::nullopt);
  EXPECT_EQ(PauseAfter(Steady(3), 0), std::nullopt);
  EXPECT_EQ(PauseAfter(Steady(3), 99), std::nullopt);
  EXPECT_EQ(PauseAfter(Steady(3), -1), std::nullopt);
  EXPECT_EQ(attempts_.earlier(), nullptr);
}

TEST_F(RetryTest, NoAttemptStartsAtTheDeadlineOrAfterIt) {
  attempts_.Begin(0, kSecond + kPause);

  EXPECT_EQ(PauseAfter(Steady(3), kUnavailable, kSecond), std::nullopt);
  EXPECT_EQ(PauseAfter(Steady(3), kUnavailable, kSecond - 1), kPause);
}

TEST_F(RetryTest, JitterStaysWithinItsShareAndIsSeeded) {
  RetryPolicy policy = Steady(100);
  policy.factor = 1;
  policy.jitter = 0.2;
  std::vector<Nanos> pauses;
  for (int run = 0; run < 2; ++run) {
    random_.seed(7);
    attempts_.Begin(0, kNever);
    for (int i = 0; i < 99; ++i) {
      pauses.push_back(*PauseAfter(policy, kUnavailable));
    }
  }

  for (std::size_t i = 0; i < 99; ++i) {
    EXPECT_GE(pauses[i], 80 * kMillisecond);
    EXPECT_LE(pauses[i], 120 * kMillisecond);
    EXPECT_EQ(pauses[i], pauses[i + 99]);
  }
  EXPECT_NE(pauses[0], pauses[1]);
}

TEST_F(RetryTest, NoPauseIsLongerThanTheLongest) {
  RetryPolicy policy = Steady(100);
  policy.jitter = 0.2;
  attempts_.Begin(0, kNever);

  Nanos longest = 0;
  for (int i = 0; i < 99; ++i) {
    longest = std::max(longest, *PauseAfter(policy, kUnavailable));
  }

  EXPECT_EQ(longest, policy.longest);
}

TEST_F(RetryTest, AServerSaysItselfWhenItWantsToBeAskedAgain) {
  attempts_.Begin(0, kNever);
  EXPECT_EQ(PauseAfter(Steady(5), kUnavailable), kPause);
  EXPECT_EQ(PauseAfter(Steady(5), kUnavailable), 2 * kPause);

  trailers_ = {{"grpc-retry-pushback-ms", "40"}};
  EXPECT_EQ(PauseAfter(Steady(5), kUnavailable), 40 * kMillisecond);

  trailers_.clear();
  EXPECT_EQ(PauseAfter(Steady(5), kUnavailable), kPause);
}

TEST_F(RetryTest, AServerThatWantsNoMoreGetsNoMore) {
  for (const std::string text : {"-1", "soon", "", "1.5", "9999999999999"}) {
    attempts_.Begin(0, kNever);
    trailers_ = {{"grpc-retry-pushback-ms", text}};
    EXPECT_EQ(PauseAfter(Steady(5), kUnavailable), std::nullopt) << text;
  }
}

TEST_F(RetryTest, KeepsWhatEarlierAttemptsDid) {
  attempts_.Begin(0, kNever);
  // The first found no connection, the second was sent 1 ms late.
  sent_ = 0;
  PauseAfter(Steady(4), kUnavailable);
  ASSERT_NE(attempts_.earlier(), nullptr);
  EXPECT_FALSE(attempts_.earlier()->sent);
  sent_ = attempts_.planned() + kMillisecond;
  PauseAfter(Steady(4), kUnavailable, sent_ + kSecond);
  sent_ = attempts_.planned() + 5 * kMillisecond;
  PauseAfter(Steady(4), kUnavailable, sent_ + kSecond);

  EXPECT_TRUE(attempts_.earlier()->sent);
  EXPECT_EQ(attempts_.earlier()->lag, kMillisecond);
  EXPECT_EQ(attempts_.earlier()->bytes_sent, 14U);

  attempts_.Begin(0, kNever);
  EXPECT_EQ(attempts_.earlier(), nullptr);
  sent_ = kMillisecond;
  PauseAfter(Steady(4), kUnavailable);
  EXPECT_EQ(attempts_.earlier()->bytes_sent, 7U);
}

}  // namespace
}  // namespace perfrig::load
