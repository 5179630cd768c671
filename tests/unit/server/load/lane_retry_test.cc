// Known answers of a lane whose calls are tried again.
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "tests/unit/server/load/lane_fixture.h"

namespace perfrig::load {
namespace {

constexpr int kUnavailable = 14;
constexpr Nanos kWork = 20 * kMillisecond;
constexpr Nanos kPause = 100 * kMillisecond;

class LaneRetryTest : public LaneFixture {
 protected:
  LaneRetryTest() {
    workload_options_.retry = {.attempts = 3,
                               .backoff = kPause,
                               .factor = 2,
                               .longest = kSecond,
                               .jitter = 0,
                               .statuses = 1U << kUnavailable};
  }

  static FakeAnswer Unavailable() {
    return {.delay = kWork, .status = kUnavailable, .messages = 0};
  }
};

TEST_F(LaneRetryTest, AttemptsOfACallAreOneCall) {
  v1::Load load = Closed(1, 0);
  load.set_iterations(1);
  Run(load, [](const FakeCall& call) {
    EXPECT_EQ(call.request->previous_attempts, call.number);
    return call.number < 2 ? Unavailable() : FakeAnswer{.delay = kWork};
  });

  EXPECT_EQ(tally().planned, 1U);
  EXPECT_EQ(tally().sent, 1U);
  EXPECT_EQ(tally().ok, 1U);
  EXPECT_EQ(tally().failed, 0U);
  EXPECT_EQ(tally().statuses[kUnavailable], 0U);
  EXPECT_EQ(tally().retries, 2U);
  EXPECT_EQ(tally().backoff.min(), kPause);
  EXPECT_EQ(tally().backoff.max(), 2 * kPause);
  EXPECT_EQ(tally().latency.max(), 3 * kWork + 3 * kPause);
  EXPECT_EQ(tally().service.max(), kWork);
  EXPECT_EQ(tally().lag.count(), 1U);
  EXPECT_EQ(tally().lag.max(), 0);
  EXPECT_EQ(tally().messages_sent, 3U);
  EXPECT_EQ(tally().bytes_sent, 300U);
}

TEST_F(LaneRetryTest, TheLastStatusStandsWhenTheAttemptsAreUsedUp) {
  v1::Load load = Closed(1, 0);
  load.set_iterations(2);
  std::uint64_t attempts = 0;
  Run(load, [&](const FakeCall&) {
    ++attempts;
    return Unavailable();
  });

  EXPECT_EQ(attempts, 6U);
  EXPECT_EQ(tally().planned, 2U);
  EXPECT_EQ(tally().failed, 2U);
  EXPECT_EQ(tally().statuses[kUnavailable], 2U);
  EXPECT_EQ(tally().retries, 4U);
}

TEST_F(LaneRetryTest, TheDeadlineCoversAllAttempts) {
  workload_options_.timeout = kSecond / 4;
  v1::Load load = Closed(1, 0);
  load.set_iterations(2);
  std::vector<Nanos> timeouts;
  Run(load, [&](const FakeCall& call) {
    timeouts.push_back(call.request->timeout);
    return Unavailable();
  });

  // The third attempts, due after 340 ms, never start; the second call's first
  // one has the whole time again.
  EXPECT_EQ(timeouts,
            (std::vector<Nanos>{250 * kMillisecond, 130 * kMillisecond,
                                250 * kMillisecond, 130 * kMillisecond}));
  EXPECT_EQ(tally().statuses[kUnavailable], 2U);
  EXPECT_EQ(tally().latency_all.max(), 2 * kWork + kPause);
}

TEST_F(LaneRetryTest, ACallBetweenTwoAttemptsIsInFlight) {
  v1::Load load = Open(100, 1);
  load.set_max_in_flight(1);
  Run(load, [](const FakeCall&) { return Unavailable(); });

  // 360 ms each: of 100 calls planned 10 ms apart, those at 0, 360, 720 go out.
  EXPECT_EQ(tally().planned, 100U);
  EXPECT_EQ(tally().sent, 3U);
  EXPECT_EQ(tally().dropped, 97U);
  EXPECT_EQ(tally().late, 0U);
}

TEST_F(LaneRetryTest, ACallThatPausesWhenTheGraceEndsIsUnfinished) {
  grace_ = 50 * kMillisecond;
  v1::Load load = Closed(1, 0);
  load.set_iterations(1);
  Run(load, [](const FakeCall&) { return Unavailable(); });

  EXPECT_EQ(tally().unfinished, 1U);
  EXPECT_EQ(tally().failed, 1U);
  EXPECT_EQ(tally().sent, 1U);
  EXPECT_EQ(tally().retries, 0U);
  EXPECT_EQ(elapsed(), grace_);
}

TEST_F(LaneRetryTest, AUserGoesOnWhenItsLastAttemptHasEnded) {
  v1::Load load = Closed(2, 0);
  load.set_iterations_per_user(10);
  Run(load, [](const FakeCall& call) {
    return call.request->previous_attempts == 0 ? Unavailable()
                                                : FakeAnswer{.delay = kWork};
  });

  EXPECT_EQ(tally().ok, 20U);
  EXPECT_EQ(tally().retries, 20U);
  EXPECT_EQ(elapsed(), 10 * (2 * kWork + kPause));
}

}  // namespace
}  // namespace perfrig::load
