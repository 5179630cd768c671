#include "server/runs/online_judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace perfrig::runs {
namespace {

constexpr char kWindowed[] = "latency.p50 < 30ms in every 5s";

class OnlineJudgeTest : public ::testing::Test {
 protected:
  OnlineJudgeTest() {
    suite_.set_name("suites/s");
    v1::Test& test = *suite_.add_tests();
    test.set_name("t");
    test.add_calls()->set_method("a.B/C");
    test.mutable_load()->set_rate(100);
    test.mutable_load()->mutable_duration()->set_seconds(20);
  }

  v1::Test& test() { return *suite_.mutable_tests(0); }

  // Begins a round, the first time with all that the test says by then.
  OnlineJudge& Begin() {
    if (judge_ == nullptr) {
      judge_ = std::make_unique<OnlineJudge>(suite_, test(), names_);
    }
    elapsed_ = 0;
    judge_->BeginRound(round_++);
    return *judge_;
  }

  // A second of `ok` calls of this latency, `failed` failed ones and some that
  // have not been answered yet.
  void Second(std::uint64_t ok, Nanos latency, std::uint64_t failed = 0,
              Nanos hiccup = 0) {
    elapsed_ += kSecond;
    load::Second second;
    second.elapsed = elapsed_;
    second.worst_hiccup = hiccup;
    load::Tally& tally = second.steps.emplace_back();
    tally.planned = ok + failed + 50;
    tally.sent = tally.planned;
    tally.ok = ok;
    tally.ok_in_window = ok;
    tally.failed = failed;
    tally.latency.Record(latency, ok);
    tally.service.Record(latency, ok);
    second.tally = tally;
    judge_->Add(second);
  }

  WindowFigures Windows() {
    judge_->EndRound();
    return judge_->windows()[kWindowed];
  }

  v1::Suite suite_;
  const FigureNames names_ = {
      .observed = {}, .groups = {""}, .steps = {{0, ""}}};
  std::unique_ptr<OnlineJudge> judge_;
  std::uint32_t round_ = 0;
  Nanos elapsed_ = 0;
};

TEST_F(OnlineJudgeTest, NeedsNothingWithoutSuchThresholds) {
  test().add_expect("latency.p50 < 30ms");

  EXPECT_FALSE(Begin().needed());
}

TEST_F(OnlineJudgeTest, EndsTheTestOnceTheRoundSoFarMisses) {
  test().add_abort_on_fail("latency.p50 < 30ms");
  const OnlineJudge& judge = Begin();
  Second(100, 10 * kMillisecond);
  Second(90, 40 * kMillisecond);
  EXPECT_FALSE(judge.ended_by());

  Second(90, 40 * kMillisecond);

  ASSERT_TRUE(judge.ended_by());
  EXPECT_EQ(judge.ended_by()->expression(), "latency.p50 < 30ms");
  EXPECT_EQ(judge.ended_by()->verdict(), v1::FAIL);
  EXPECT_EQ(judge.ended_by()->observed_text(), "40 ms");
  EXPECT_EQ(judge.ended_by()->reason(), "ended the test after 3 s");
}

TEST_F(OnlineJudgeTest, EndsNothingBeforeTheSamplesAreThere) {
  test().add_abort_on_fail("latency.p95 < 30ms");
  const OnlineJudge& judge = Begin();

  Second(71, 40 * kMillisecond);
  EXPECT_FALSE(judge.ended_by());
  Second(1, 40 * kMillisecond);
  EXPECT_TRUE(judge.ended_by());
}

TEST_F(OnlineJudgeTest, CallsInFlightAreNoErrors) {
  test().add_abort_on_fail("errors.rate < 10%");
  const OnlineJudge& judge = Begin();

  Second(100, kMillisecond, 5);
  EXPECT_FALSE(judge.ended_by());
  Second(100, kMillisecond, 40);
  EXPECT_TRUE(judge.ended_by());
}

TEST_F(OnlineJudgeTest, EachRoundIsJudgedAlone) {
  test().add_abort_on_fail("latency.p50 < 30ms");
  Begin();
  Second(90, 10 * kMillisecond);
  const OnlineJudge& judge = Begin();

  Second(20, 40 * kMillisecond);

  EXPECT_TRUE(judge.ended_by());
}

TEST_F(OnlineJudgeTest, JudgesEachFullWindow) {
  test().add_expect(kWindowed);
  Begin();
  for (int i = 0; i < 20; ++i) {
    Second(100, (i / 5 == 2 ? 40 : 10) * kMillisecond);
  }

  const WindowFigures figures = Windows();

  EXPECT_EQ(figures.windows, 4U);
  EXPECT_EQ(figures.judged, 4U);
  EXPECT_EQ(figures.missed, 1U);
  EXPECT_EQ(figures.begin, 10 * kSecond);
  EXPECT_NEAR(figures.worst.observed, 0.04, 0.001);
}

TEST_F(OnlineJudgeTest, LeavesOutWhatIsNoFullWindow) {
  test().mutable_load()->mutable_duration()->set_seconds(13);
  test().add_expect(kWindowed);
  Begin();
  for (int i = 0; i < 10; ++i) Second(100, 10 * kMillisecond);
  // Three seconds of load, and what was answered in the grace.
  for (int i = 0; i < 6; ++i) Second(100, 40 * kMillisecond);

  const WindowFigures figures = Windows();

  EXPECT_EQ(figures.windows, 2U);
  EXPECT_EQ(figures.missed, 0U);
}

TEST_F(OnlineJudgeTest, CountsTheWindowsOfAllRounds) {
  test().add_expect(kWindowed);
  Begin();
  for (int i = 0; i < 20; ++i) Second(100, 10 * kMillisecond);
  judge_->EndRound();
  Begin();
  for (int i = 0; i < 20; ++i) Second(100, 20 * kMillisecond);

  const WindowFigures figures = Windows();

  EXPECT_EQ(figures.windows, 8U);
  EXPECT_EQ(figures.round, 1U);
}

TEST_F(OnlineJudgeTest, TellsWindowsWithTooFewSamples) {
  test().add_expect(kWindowed);
  Begin();
  for (int i = 0; i < 20; ++i) Second(i < 15 ? 100 : 1, kMillisecond);

  const WindowFigures figures = Windows();

  EXPECT_EQ(figures.judged, 3U);
  EXPECT_EQ(figures.too_few, 1U);
  EXPECT_EQ(figures.fewest.samples, 5U);
}

TEST_F(OnlineJudgeTest, AWindowInWhichTheHostPausedIsNoMissOfTheTarget) {
  test().add_expect(kWindowed);
  Begin();
  for (int i = 0; i < 20; ++i) {
    Second(100, (i < 5 ? 90 : 10) * kMillisecond, 0,
           i == 2 ? 50 * kMillisecond : 0);
  }

  const WindowFigures figures = Windows();

  EXPECT_EQ(figures.missed, 0U);
  EXPECT_EQ(figures.missed_by_rig, 1U);
  EXPECT_TRUE(figures.worst_by_rig);
}

TEST_F(OnlineJudgeTest, NothingDoneInAWindowIsAThroughputOfNothing) {
  test().add_expect("throughput > 10/s in every 5s");
  Begin();
  for (int i = 0; i < 20; ++i) Second(i / 5 == 1 ? 0 : 100, kMillisecond);
  judge_->EndRound();

  const WindowFigures figures =
      judge_->windows()["throughput > 10/s in every 5s"];

  EXPECT_EQ(figures.missed, 1U);
  EXPECT_EQ(figures.worst.observed, 0);
}

}  // namespace
}  // namespace perfrig::runs
