#include "server/load/figures.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace perfrig::load {
namespace {

Tally Busy() {
  Tally tally(2);
  tally.planned = 12;
  tally.sent = 11;
  tally.ok = 10;
  tally.failed = 1;
  tally.dropped = 1;
  tally.ok_in_window = 8;
  tally.good = 6;
  tally.good_in_window = 4;
  tally.statuses[0] = 10;
  tally.statuses[14] = 1;
  for (int i = 1; i <= 10; ++i) tally.latency.Record(i * 100);
  tally.observed[1].Record(0.5);
  tally.first_planned = kSecond;
  tally.last_done = 5 * kSecond;
  return tally;
}

TEST(TallyTest, MergingAddsEverythingUp) {
  Tally sum = Busy();
  Tally later = Busy();
  later.first_planned = 3 * kSecond;
  later.last_done = 9 * kSecond;

  sum.Merge(later);

  EXPECT_EQ(sum.planned, 24U);
  EXPECT_EQ(sum.ok_in_window, 16U);
  EXPECT_EQ(sum.good, 12U);
  EXPECT_EQ(sum.good_in_window, 8U);
  EXPECT_EQ(sum.statuses[14], 2U);
  EXPECT_EQ(sum.latency.count(), 20U);
  EXPECT_EQ(sum.observed[1].count(), 2U);
  EXPECT_EQ(Elapsed(sum), 8 * kSecond);
}

TEST(TallyTest, MergingIntoAnEmptyOneTakesItsMetricsToo) {
  Tally sum;

  sum.Merge(Busy());

  ASSERT_EQ(sum.observed.size(), 2U);
  EXPECT_EQ(sum.observed[1].count(), 1U);
}

TEST(TallyTest, ClearForgetsEverything) {
  Tally tally = Busy();

  tally.Clear();
  Tally sum = Busy();
  sum.Merge(tally);

  EXPECT_EQ(sum.planned, 12U);
  EXPECT_EQ(Elapsed(sum), 4 * kSecond);
  EXPECT_EQ(Elapsed(tally), 0);
}

TEST(FiguresTest, NamesStatusesAndMetrics) {
  const v1::Figures figures =
      ToFigures(Busy(), 2 * kSecond, false, {"hits", "share"}, false);

  EXPECT_EQ(figures.planned(), 12U);
  EXPECT_EQ(figures.dropped(), 1U);
  ASSERT_EQ(figures.statuses_size(), 2);
  EXPECT_EQ(figures.statuses().at("OK"), 10U);
  EXPECT_EQ(figures.statuses().at("UNAVAILABLE"), 1U);
  ASSERT_EQ(figures.observed_size(), 1);
  EXPECT_DOUBLE_EQ(figures.observed().at("share").mean(), 0.5);
  EXPECT_EQ(figures.elapsed().seconds(), 4);
}

TEST(FiguresTest, ThroughputIsThatOfTheWindow) {
  EXPECT_DOUBLE_EQ(
      ToFigures(Busy(), 2 * kSecond, false, {}, false).throughput(), 4);
}

TEST(FiguresTest, ThroughputOfACountIsThatOfTheElapsedTime) {
  EXPECT_DOUBLE_EQ(ToFigures(Busy(), 2 * kSecond, true, {}, false).throughput(),
                   2.5);
}

TEST(FiguresTest, NothingMeasuredGivesNoDistribution) {
  const v1::Figures figures = ToFigures(Tally(1), 0, true, {"hits"}, true);

  EXPECT_FALSE(figures.has_latency());
  EXPECT_EQ(figures.observed_size(), 0);
  EXPECT_DOUBLE_EQ(figures.throughput(), 0);
}

TEST(FiguresTest, HistogramsTravelWhereTheyAreWanted) {
  EXPECT_TRUE(ToFigures(Busy(), 1, false, {}, true).latency().has_histogram());
  EXPECT_FALSE(
      ToFigures(Busy(), 1, false, {}, false).latency().has_histogram());
}

}  // namespace
}  // namespace perfrig::load
