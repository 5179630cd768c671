#include "server/targets/behavior/limits.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/targets/behavior/random.h"

namespace perfrig::targets {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr Rate kTenASecond = {.per_second = 10, .burst = 3};
constexpr Budget kHundredAMinute = {.units = 100, .window = 60 * kSecond};

TEST(RateLimitsTest, ABurstGoesAndTheNextWaitsForItsUnit) {
  RateLimits limits(10);
  const Nanos now = 5 * kSecond;

  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(limits.Take("a", kTenASecond, 1, now), 0);
  }

  EXPECT_EQ(limits.Take("a", kTenASecond, 1, now), 100 * kMillisecond);
  EXPECT_EQ(limits.Take("a", kTenASecond, 1, now + 40 * kMillisecond),
            60 * kMillisecond);
  EXPECT_EQ(limits.Take("a", kTenASecond, 1, now + 100 * kMillisecond), 0);
}

TEST(RateLimitsTest, WhoeverWaitsAsLongAsToldIsServed) {
  RateLimits limits(10);
  Random random(1);
  Nanos now = 0;

  for (int i = 0; i < 10'000; ++i) {
    const Rate rate = {.per_second = 0.1 + 1e5 * random.Unit(),
                       .burst = 1 + 10 * random.Unit()};
    const double units = rate.burst * random.Unit();
    const Nanos wait = limits.Take("a", rate, units, now);
    if (wait == 0) continue;
    now += wait;
    ASSERT_EQ(limits.Take("a", rate, units, now), 0) << i;
  }
}

TEST(RateLimitsTest, OverTimeNoMoreThanTheRateAndOneBurst) {
  RateLimits limits(10);
  Random random(2);
  int taken = 0;
  Nanos now = 0;

  while (now < 100 * kSecond) {
    if (limits.Take("a", kTenASecond, 1, now) == 0) ++taken;
    now += static_cast<Nanos>(random.Unit() * 20 * kMillisecond);
  }

  EXPECT_LE(taken, 1'003);
  EXPECT_GE(taken, 990);
}

TEST(RateLimitsTest, APauseFillsNoMoreThanTheBurst) {
  RateLimits limits(10);
  limits.Take("a", kTenASecond, 1, 0);

  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(limits.Take("a", kTenASecond, 1, 1'000 * kSecond), 0);
  }

  EXPECT_GT(limits.Take("a", kTenASecond, 1, 1'000 * kSecond), 0);
}

TEST(RateLimitsTest, MoreThanTheBurstNeverGoes) {
  RateLimits limits(10);

  EXPECT_EQ(limits.Take("a", kTenASecond, 4, 0), kNever);
  EXPECT_EQ(limits.Take("a", kTenASecond, 3, 0), 0);
}

TEST(RateLimitsTest, KeysDoNotShare) {
  RateLimits limits(10);
  limits.Take("a", kTenASecond, 3, 0);

  EXPECT_EQ(limits.Take("b", kTenASecond, 3, 0), 0);
  EXPECT_GT(limits.Take("a", kTenASecond, 1, 0), 0);
}

TEST(RateLimitsTest, TheKeyNotSeenTheLongestIsForgotten) {
  RateLimits limits(2);
  limits.Take("a", kTenASecond, 3, 0);
  limits.Take("b", kTenASecond, 3, 0);
  EXPECT_GT(limits.Take("a", kTenASecond, 1, 0), 0);

  limits.Take("c", kTenASecond, 3, 0);

  EXPECT_EQ(limits.size(), 2);
  EXPECT_GT(limits.Take("a", kTenASecond, 1, 0), 0);
  EXPECT_EQ(limits.Take("b", kTenASecond, 3, 0), 0);
}

TEST(RateLimitsTest, TellsWhatEachHasLeft) {
  RateLimits limits(10);
  limits.Take("a", kTenASecond, 3, 0);
  limits.Take("b", kTenASecond, 1, 0);

  EXPECT_THAT(Least(limits.Left(kTenASecond, kSecond / 10), 10),
              ElementsAre(Pair("a", 1), Pair("b", 3)));
}

TEST(RateLimitsTest, ALowerRateCountsAtOnce) {
  RateLimits limits(2);
  limits.Take("a", kTenASecond, 1, 0);

  EXPECT_EQ(limits.Take("a", {.per_second = 1, .burst = 1}, 1, 0), 0);
  EXPECT_EQ(limits.Take("a", {.per_second = 1, .burst = 1}, 1, 0), kSecond);
}

TEST(WindowBudgetsTest, WhatIsSpentComesBackWithTheNextWindow) {
  WindowBudgets budgets(10);
  const Nanos now = 130 * kSecond;

  EXPECT_EQ(budgets.Take("a", kHundredAMinute, 60, now), 0);
  EXPECT_EQ(budgets.Left("a", kHundredAMinute, now), 40);
  EXPECT_EQ(budgets.Take("a", kHundredAMinute, 41, 140 * kSecond),
            50 * kSecond);
  EXPECT_EQ(budgets.Take("a", kHundredAMinute, 40, now), 0);
  EXPECT_EQ(budgets.Take("a", kHundredAMinute, 1, 190 * kSecond - 1), 1);

  EXPECT_EQ(budgets.Take("a", kHundredAMinute, 100, 190 * kSecond), 0);
}

TEST(WindowBudgetsTest, AWindowBeginsWithWhatIsTakenWhateverTheClockSays) {
  for (const Nanos now : {Nanos{0}, 59 * kSecond, 61 * kSecond}) {
    WindowBudgets budgets(10);

    EXPECT_EQ(budgets.Take("a", kHundredAMinute, 100, now), 0);
    EXPECT_EQ(budgets.Take("a", kHundredAMinute, 1, now + kSecond),
              59 * kSecond);
  }
}

TEST(WindowBudgetsTest, TellsWhatEachHasLeft) {
  WindowBudgets budgets(10);
  budgets.Take("a", kHundredAMinute, 60, 0);
  budgets.Take("b", kHundredAMinute, 90, 30 * kSecond);
  budgets.Take("c", kHundredAMinute, 10, 30 * kSecond);

  EXPECT_THAT(Least(budgets.Left(kHundredAMinute, 31 * kSecond), 2),
              ElementsAre(Pair("b", 10), Pair("a", 40)));
  EXPECT_THAT(Least(budgets.Left(kHundredAMinute, 61 * kSecond), 10),
              ElementsAre(Pair("b", 10), Pair("c", 90), Pair("a", 100)));
}

TEST(WindowBudgetsTest, MoreThanABudgetNeverGoes) {
  WindowBudgets budgets(10);

  EXPECT_EQ(budgets.Take("a", kHundredAMinute, 101, 0), kNever);
  EXPECT_EQ(budgets.Take("a", kHundredAMinute, UINT64_MAX, 0), kNever);
}

TEST(WindowBudgetsTest, ASmallerBudgetCountsAtOnce) {
  WindowBudgets budgets(10);
  budgets.Take("a", kHundredAMinute, 60, 0);
  constexpr Budget kLess = {.units = 50, .window = 60 * kSecond};

  EXPECT_EQ(budgets.Left("a", kLess, 0), 0);
  EXPECT_EQ(budgets.Take("a", kLess, 1, 0), 60 * kSecond);
}

TEST(WindowBudgetsTest, KeysAreBounded) {
  WindowBudgets budgets(100);

  for (int i = 0; i < 10'000; ++i) {
    budgets.Take(std::to_string(i), kHundredAMinute, 100, 0);
  }

  EXPECT_EQ(budgets.size(), 100);
  EXPECT_EQ(budgets.Left("9999", kHundredAMinute, 0), 0);
  EXPECT_EQ(budgets.Left("0", kHundredAMinute, 0), 100);
}

}  // namespace
}  // namespace perfrig::targets
