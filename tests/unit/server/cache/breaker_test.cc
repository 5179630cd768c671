#include "server/cache/breaker.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/fake_clock.h"

namespace perfrig::cache {
namespace {

class BreakerTest : public ::testing::Test {
 protected:
  void Call(bool ok, int times = 1) {
    for (int i = 0; i < times; ++i) breaker_.Record(*breaker_.Ask(), ok);
  }
  BreakerState state() { return breaker_.statistics().state; }

  FakeClock clock_;
  Breaker breaker_{clock_, {}};
};

TEST_F(BreakerTest, OpensWhenHalfOfTheLastTwentyFailed) {
  Call(true, 10);
  Call(false, 9);
  EXPECT_EQ(state(), BreakerState::kClosed);

  Call(false);

  EXPECT_EQ(state(), BreakerState::kOpen);
  EXPECT_EQ(breaker_.Ask(), std::nullopt);
  EXPECT_EQ(breaker_.statistics().opened, 1);
  EXPECT_EQ(breaker_.statistics().refused, 1);
}

TEST_F(BreakerTest, FewerThanTwentyCallsOpenNothing) {
  Call(false, 19);

  EXPECT_EQ(state(), BreakerState::kClosed);
}

TEST_F(BreakerTest, OnlyTheLastTwentyCount) {
  for (int i = 0; i < 100; ++i) {
    Call(false, 9);
    Call(true, 11);
    ASSERT_EQ(state(), BreakerState::kClosed);
  }
}

TEST_F(BreakerTest, ClosesAfterThreeProbesHaveSucceeded) {
  Call(false, 20);
  clock_.Advance(kSecond - 1);
  EXPECT_EQ(breaker_.Ask(), std::nullopt);
  clock_.Advance(1);
  EXPECT_EQ(state(), BreakerState::kHalfOpen);

  const std::vector probes = {*breaker_.Ask(), *breaker_.Ask(),
                              *breaker_.Ask()};
  EXPECT_EQ(breaker_.Ask(), std::nullopt);
  for (const auto probe : probes) breaker_.Record(probe, true);

  EXPECT_EQ(state(), BreakerState::kClosed);
  Call(false, 19);
  EXPECT_EQ(state(), BreakerState::kClosed);
}

TEST_F(BreakerTest, AProbeThatFailsOpensItAgain) {
  Call(false, 20);
  clock_.Advance(kSecond);

  Call(true, 2);
  Call(false);

  EXPECT_EQ(state(), BreakerState::kOpen);
  EXPECT_EQ(breaker_.statistics().opened, 2);
  clock_.Advance(kSecond);
  EXPECT_EQ(state(), BreakerState::kHalfOpen);
}

TEST_F(BreakerTest, AWithdrawnProbeGivesItsPlaceBack) {
  Call(false, 20);
  clock_.Advance(kSecond);
  breaker_.Ask();
  breaker_.Ask();
  const auto probe = breaker_.Ask();

  EXPECT_EQ(breaker_.Ask(), std::nullopt);
  breaker_.Forget(*probe);

  EXPECT_NE(breaker_.Ask(), std::nullopt);
}

TEST_F(BreakerTest, WhatBeganInAnEarlierStateSaysNothing) {
  const auto late = breaker_.Ask();
  Call(false, 20);
  clock_.Advance(kSecond);
  const auto probe = breaker_.Ask();

  breaker_.Record(*late, false);
  EXPECT_EQ(state(), BreakerState::kHalfOpen);
  breaker_.Record(*probe, false);
  breaker_.Forget(*probe);

  EXPECT_EQ(state(), BreakerState::kOpen);
}

}  // namespace
}  // namespace perfrig::cache
