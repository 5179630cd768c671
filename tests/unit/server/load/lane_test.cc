// Known answers of one lane on a clock that only the fake driver moves.
#include "server/load/lane.h"

#include <functional>
#include <memory>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/server/load/lane_fixture.h"

namespace perfrig::load {
namespace {

constexpr Nanos kWork = 20 * kMillisecond;

FakeTarget AnswersAfter(Nanos delay) {
  return [delay](const FakeCall&) { return FakeAnswer{.delay = delay}; };
}

class LaneTest : public LaneFixture {};

TEST_F(LaneTest, TwentyUsersAndTwentyMillisecondsAreAThousandCallsASecond) {
  Run(Closed(20, 10), AnswersAfter(kWork), 2 * kSecond);

  EXPECT_EQ(tally().ok_in_window, 10'000U);
  EXPECT_EQ(tally().ok, 10'000U);
  EXPECT_EQ(tally().planned, 10'000U);
  EXPECT_EQ(tally().latency.min(), kWork);
  EXPECT_EQ(tally().latency.max(), kWork);
  EXPECT_EQ(tally().lag.max(), 0);
}

TEST_F(LaneTest, AnOpenLoadHoldsItsRateWhileTheTargetStalls) {
  // Stands still for the first second of every six.
  const auto stalling = [this](const FakeCall& call) {
    const Nanos phase = (call.sent - start_) % (6 * kSecond);
    return FakeAnswer{.delay = phase < kSecond ? kSecond - phase : 0};
  };
  Run(Open(1'000, 60), stalling);

  EXPECT_EQ(tally().planned, 60'000U);
  EXPECT_EQ(tally().ok, 60'000U);
  EXPECT_EQ(tally().dropped, 0U);
  const auto seconds = [&](double q) {
    return static_cast<double>(tally().latency.Quantile(q)) / 1e9;
  };
  EXPECT_NEAR(seconds(0.80), 0, 0.001);
  EXPECT_NEAR(seconds(0.90), 0.40, 0.01);
  EXPECT_NEAR(seconds(0.99), 0.94, 0.01);
}

TEST_F(LaneTest, WhatTheRigLosesIsLagAndStaysInLatency) {
  // The machine stands still for 100 ms while the 50th call is started.
  const auto target = [this](const FakeCall& call) {
    if (call.number == 50) clock_.Advance(100 * kMillisecond);
    return FakeAnswer{.delay = kMillisecond};
  };
  Run(Open(1'000, 1), target);

  EXPECT_EQ(tally().planned, 1'000U);
  EXPECT_EQ(tally().ok, 1'000U);
  EXPECT_NEAR(static_cast<double>(tally().late), 99, 2);
  EXPECT_GE(tally().lag.max(), 99 * kMillisecond);
  EXPECT_GE(tally().latency.max(), 100 * kMillisecond);
}

TEST_F(LaneTest, AboveTheLimitInFlightCallsAreDropped) {
  v1::Load load = Open(1'000, 1);
  load.set_max_in_flight(100);
  grace_ = kSecond;
  Run(load, [](const FakeCall&) { return FakeAnswer{.delay = kNever}; });

  EXPECT_EQ(tally().planned, 1'000U);
  EXPECT_EQ(tally().sent, 100U);
  EXPECT_EQ(tally().dropped, 900U);
  EXPECT_EQ(tally().unfinished, 100U);
  EXPECT_EQ(tally().failed, 100U);
  EXPECT_EQ(tally().statuses[1], 0U);
  EXPECT_EQ(elapsed(), 2 * kSecond);
}

TEST_F(LaneTest, CallsInFlightAtTheEndHaveTheGraceToFinish) {
  grace_ = 5 * kSecond;
  Run(Closed(3, 1), AnswersAfter(4 * kSecond));

  EXPECT_EQ(tally().ok, 3U);
  EXPECT_EQ(tally().ok_in_window, 0U);
  EXPECT_EQ(tally().unfinished, 0U);
  EXPECT_EQ(elapsed(), 4 * kSecond);
}

TEST_F(LaneTest, TheWarmUpIsInNoFigure) {
  const auto cold = [this](const FakeCall& call) {
    return FakeAnswer{.delay =
                          call.sent - start_ < kSecond ? 9 * kWork : kWork};
  };
  Run(Open(100, 3), cold, 2 * kSecond);

  EXPECT_EQ(tally().planned, 300U);
  EXPECT_EQ(tally().latency.max(), kWork);
  EXPECT_EQ(tally().first_planned, 2 * kSecond);
  EXPECT_EQ(result_.next_sequence, 500U);
  EXPECT_EQ(result_.samples.slowest().front().latency, kWork);
}

TEST_F(LaneTest, ACountOfIterationsEndsAClosedLoad) {
  v1::Load load = Closed(4, 0);
  load.set_iterations(10);
  Run(load, AnswersAfter(kWork));

  EXPECT_EQ(tally().ok, 10U);
  EXPECT_TRUE(result_.ended_by_count);
  EXPECT_EQ(elapsed(), 3 * kWork);
  EXPECT_THAT(workload_->sequences,
              testing::ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
}

TEST_F(LaneTest, ABurstStartsAllAtOnce) {
  v1::Load load;
  load.set_burst(500);
  Run(load, AnswersAfter(kWork));

  EXPECT_EQ(tally().ok, 500U);
  EXPECT_EQ(elapsed(), kWork);
  EXPECT_EQ(workload_->requests_made, 500U);
}

TEST_F(LaneTest, StepsFollowEachOtherAndAreCountedApart) {
  workload_options_.steps = 3;
  v1::Load load = Closed(2, 0);
  load.set_iterations_per_user(5);
  Run(load, AnswersAfter(kWork));

  for (const Tally& step : steps_) {
    EXPECT_EQ(step.ok, 10U);
    EXPECT_EQ(step.latency.max(), kWork);
  }
  EXPECT_EQ(steps_[2].first_planned, 2 * kWork);
  EXPECT_EQ(elapsed(), 15 * kWork);
}

TEST_F(LaneTest, AFailedStepEndsItsIteration) {
  workload_options_.steps = 2;
  v1::Load load = Closed(1, 0);
  load.set_iterations(4);
  Run(load, [](const FakeCall& call) {
    return FakeAnswer{.delay = kWork, .status = call.number == 0 ? 14 : 0};
  });

  EXPECT_EQ(steps_[0].planned, 4U);
  EXPECT_EQ(steps_[0].failed, 1U);
  EXPECT_EQ(steps_[1].planned, 3U);
}

TEST_F(LaneTest, RequestsAreReused) {
  v1::Load load = Closed(5, 0);
  load.set_iterations(1'000);
  Run(load, AnswersAfter(kWork));

  EXPECT_EQ(workload_->sequences.size(), 1'000U);
  EXPECT_EQ(workload_->requests_made, 5U);
}

TEST_F(LaneTest, ARequestThatCannotBeMadeFailsAsInternal) {
  workload_options_.refuse_sequence = 3;
  v1::Load load = Closed(1, 0);
  load.set_iterations(10);
  Run(load, AnswersAfter(kWork));

  EXPECT_EQ(tally().planned, 10U);
  EXPECT_EQ(tally().ok, 9U);
  EXPECT_EQ(tally().sent, 9U);
  EXPECT_EQ(tally().failed, 1U);
  EXPECT_EQ(tally().statuses[13], 1U);
  EXPECT_EQ(result_.samples.failed()[0].message, "cannot be made");
}

TEST_F(LaneTest, StreamsTellOfTheirMessages) {
  workload_options_.metrics = 1;
  v1::Load load = Closed(1, 0);
  load.set_iterations(2);
  Run(load, [](const FakeCall&) {
    return FakeAnswer{.delay = 4 * kWork, .messages = 4};
  });

  EXPECT_EQ(tally().messages_received, 8U);
  EXPECT_EQ(tally().first_message.max(), kWork);
  EXPECT_EQ(tally().message_gap.count(), 6U);
  EXPECT_EQ(tally().message_gap.max(), kWork);
  EXPECT_EQ(tally().observed[0].count(), 2U);
  EXPECT_DOUBLE_EQ(tally().observed[0].Mean(), 6);
}

TEST_F(LaneTest, CancellingEndsItSoonWhateverIsInFlight) {
  const auto target = [this](const FakeCall& call) {
    if (call.sent - start_ > kSecond) stop_.request_stop();
    return FakeAnswer{.delay = call.number % 2 == 0 ? kNever : kWork};
  };
  Run(Open(100, 60), target);

  EXPECT_TRUE(result_.cancelled);
  EXPECT_LT(elapsed(), kSecond + 200 * kMillisecond);
  EXPECT_EQ(tally().planned, tally().ok + tally().failed + tally().dropped);
  EXPECT_GT(tally().unfinished, 40U);
}

TEST_F(LaneTest, WhatIsInFlightWhenItIsEnoughStillEnds) {
  const auto target = [this](const FakeCall& call) {
    if (call.sent - start_ > kSecond) enough_.request_stop();
    return FakeAnswer{.delay = 10 * kWork};
  };
  Run(Open(100, 60), target);

  EXPECT_FALSE(result_.cancelled);
  EXPECT_LT(elapsed(), 2 * kSecond);
  EXPECT_GE(tally().ok, 100U);
  EXPECT_EQ(tally().planned, tally().ok);
}

TEST_F(LaneTest, TheTimeLimitEndsIt) {
  time_limit_at_ = clock_.Now() + 3 * kSecond;
  Run(Closed(1, 60), AnswersAfter(kWork));

  EXPECT_TRUE(result_.timed_out);
  EXPECT_LT(elapsed(), 3 * kSecond + 200 * kMillisecond);
}

TEST_F(LaneTest, StagedUsersFollowTheirStages) {
  v1::Load load;
  for (const std::uint32_t users : {1, 10, 2}) {
    v1::Stage& stage = *load.add_stages();
    stage.set_users(users);
    stage.mutable_duration()->set_seconds(1);
  }
  Run(load, AnswersAfter(kWork));

  // 50 calls a second and user.
  EXPECT_EQ(tally().ok_in_window, 50U * (1 + 10 + 2));
}

}  // namespace
}  // namespace perfrig::load
