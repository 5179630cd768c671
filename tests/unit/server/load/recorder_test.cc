#include "server/load/recorder.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace perfrig::load {
namespace {

constexpr Nanos kStart = 1'000 * kSecond;
constexpr Nanos kFrom = kStart + 2 * kSecond;
constexpr Nanos kTo = kStart + 10 * kSecond;

Judgement Good() {
  Judgement judgement;
  judgement.ok = true;
  return judgement;
}

Judgement Bad(const std::string& reason) {
  Judgement judgement;
  judgement.reason = reason;
  return judgement;
}

class RecorderTest : public testing::Test {
 protected:
  RecorderTest() {
    recorder_.SetWindow({.round_start = kStart, .from = kFrom, .to = kTo});
  }

  // A call that is planned `at` after the start of the round, leaves a little
  // later and takes `time` from plan to end.
  void Make(Nanos at, Nanos time, int status = 0, Nanos lag = 0,
            bool good = false) {
    const RecordedCall call{.sequence = next_++,
                            .step = 0,
                            .planned = kStart + at,
                            .counted = kStart + at >= kFrom};
    drivers::Outcome outcome;
    outcome.sent = call.planned + lag;
    outcome.first = outcome.done = call.planned + time;
    outcome.status = status;
    outcome.messages_sent = outcome.messages_received = 1;
    recorder_.Planned(call);
    Judgement judgement;
    judgement.ok = status == 0;
    judgement.good = good;
    recorder_.Done(call, outcome, judgement);
  }

  const Tally& counted() { return recorder_.second()->steps[0]; }
  const Tally& warmup() { return recorder_.second()->warmup; }

  Recorder recorder_{1, 0};
  std::uint64_t next_ = 0;
};

TEST_F(RecorderTest, LatencyCountsFromThePlannedStart) {
  Make(3 * kSecond, 50 * kMillisecond, 0, 30 * kMillisecond);

  EXPECT_EQ(counted().latency.max(), 50 * kMillisecond);
  EXPECT_EQ(counted().service.max(), 20 * kMillisecond);
  EXPECT_EQ(counted().lag.max(), 30 * kMillisecond);
  EXPECT_EQ(counted().late, 1U);
  EXPECT_EQ(counted().first_planned, 3 * kSecond);
  EXPECT_EQ(counted().last_done, 3 * kSecond + 50 * kMillisecond);
}

TEST_F(RecorderTest, AMillisecondIsNotLateYet) {
  Make(3 * kSecond, kSecond, 0, kMillisecond);

  EXPECT_EQ(counted().late, 0U);
}

TEST_F(RecorderTest, FailedCallsAreInLatencyAllOnly) {
  Make(3 * kSecond, 5 * kMillisecond);
  Make(3 * kSecond, 9 * kMillisecond, 14);

  EXPECT_EQ(counted().planned, 2U);
  EXPECT_EQ(counted().ok, 1U);
  EXPECT_EQ(counted().failed, 1U);
  EXPECT_EQ(counted().statuses[14], 1U);
  EXPECT_EQ(counted().latency.max(), 5 * kMillisecond);
  EXPECT_EQ(counted().latency_all.max(), 9 * kMillisecond);
  ASSERT_EQ(recorder_.samples().failed().size(), 1U);
  EXPECT_EQ(recorder_.samples().failed()[0].status, 14);
  EXPECT_EQ(recorder_.samples().slowest().size(), 2U);
}

TEST_F(RecorderTest, TheWarmUpCountsOnlyInThroughputByItsEnds) {
  Make(1 * kSecond, kMillisecond);
  Make(2 * kSecond - 1, kMillisecond);

  EXPECT_EQ(counted().planned, 0U);
  EXPECT_EQ(counted().ok, 0U);
  EXPECT_EQ(counted().latency.count(), 0U);
  EXPECT_EQ(counted().ok_in_window, 1U);
  EXPECT_EQ(warmup().ok, 2U);
  EXPECT_TRUE(recorder_.samples().slowest().empty());
}

TEST_F(RecorderTest, StragglersCountInLatencyButNotInThroughput) {
  Make(9 * kSecond, kSecond);
  Make(9 * kSecond, kSecond + 1);

  EXPECT_EQ(counted().ok, 2U);
  EXPECT_EQ(counted().latency.count(), 2U);
  EXPECT_EQ(counted().ok_in_window, 1U);
}

TEST_F(RecorderTest, GoodCallsCountAsOkOnesDo) {
  Make(kSecond, 50 * kMillisecond, 0, 0, /*good=*/true);
  Make(kSecond, 2 * kSecond, 0, 0, /*good=*/true);
  Make(3 * kSecond, 50 * kMillisecond, 0, 0, /*good=*/true);
  Make(3 * kSecond, 50 * kMillisecond);
  Make(9 * kSecond, 2 * kSecond, 0, 0, /*good=*/true);

  EXPECT_EQ(warmup().good_in_window, 1U);
  EXPECT_EQ(counted().good, 2U);
  EXPECT_EQ(counted().good_in_window, 2U);
  EXPECT_EQ(counted().ok_in_window, 3U);
}

TEST_F(RecorderTest, WaitingForThePeersStreamLimitIsNoLag) {
  const RecordedCall call{.planned = kFrom, .counted = true};
  drivers::Outcome outcome;
  outcome.sent = kFrom + 7 * kMillisecond;
  outcome.done = kFrom + 9 * kMillisecond;
  outcome.stream_wait = 6 * kMillisecond;

  recorder_.Planned(call);
  recorder_.Done(call, outcome, Good());

  EXPECT_EQ(counted().lag.max(), kMillisecond);
  EXPECT_EQ(counted().late, 0U);
  EXPECT_EQ(counted().stream_wait.max(), 6 * kMillisecond);
  EXPECT_EQ(counted().service.max(), 2 * kMillisecond);
  EXPECT_EQ(counted().latency.max(), 9 * kMillisecond);
}

TEST_F(RecorderTest, ACallThatNeverLeftIsNotSent) {
  const RecordedCall call{.planned = kFrom, .counted = true};
  drivers::Outcome outcome;
  outcome.done = kFrom + kSecond;
  outcome.status = 14;

  recorder_.Planned(call);
  recorder_.Done(call, outcome, Judgement());

  EXPECT_EQ(counted().sent, 0U);
  EXPECT_EQ(counted().failed, 1U);
  EXPECT_EQ(counted().lag.count(), 0U);
}

TEST_F(RecorderTest, AnUnfinishedCallFailedWithoutAnAnswer) {
  const RecordedCall call{.sequence = 9, .planned = kFrom, .counted = true};
  drivers::Outcome outcome;
  outcome.sent = kFrom;
  outcome.done = kTo;
  outcome.status = 1;

  recorder_.Planned(call);
  recorder_.Unfinished(call, outcome);

  EXPECT_EQ(counted().sent, 1U);
  EXPECT_EQ(counted().failed, 1U);
  EXPECT_EQ(counted().unfinished, 1U);
  EXPECT_EQ(counted().statuses[1], 0U);
  EXPECT_EQ(counted().latency_all.count(), 0U);
  ASSERT_EQ(recorder_.samples().failed().size(), 1U);
  EXPECT_EQ(recorder_.samples().failed()[0].sequence, 9U);
}

TEST_F(RecorderTest, ACheckThatFailedSaysWhy) {
  const RecordedCall call{.planned = kFrom, .counted = true};
  const std::vector<drivers::Header> trailers = {
      {"other", "x"}, {"perfrig-phases", "queue=5,work=7"}};
  drivers::Outcome outcome;
  outcome.sent = kFrom;
  outcome.done = kFrom + 12;
  outcome.trailers = &trailers;

  recorder_.Planned(call);
  recorder_.Done(call, outcome, Bad("check failed: source"));

  const auto failed = recorder_.samples().failed();
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed[0].message, "check failed: source");
  EXPECT_EQ(failed[0].phases.at("work"), 7);
  EXPECT_EQ(failed[0].at, 2 * kSecond);
}

}  // namespace
}  // namespace perfrig::load
