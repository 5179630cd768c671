#include "server/load/number_summary.h"

#include <cmath>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace perfrig::load {
namespace {

NumberSummary OneTo(int last) {
  NumberSummary summary;
  for (int i = 1; i <= last; ++i) summary.Record(i);
  return summary;
}

TEST(NumberSummaryTest, TellsTheFiguresOfItsNumbers) {
  const NumberSummary summary = OneTo(1'000);

  EXPECT_EQ(summary.count(), 1'000U);
  EXPECT_DOUBLE_EQ(summary.sum(), 500'500);
  EXPECT_DOUBLE_EQ(summary.Mean(), 500.5);
  EXPECT_DOUBLE_EQ(summary.Min(), 1);
  EXPECT_DOUBLE_EQ(summary.Max(), 1'000);
  EXPECT_NEAR(summary.StandardDeviation(), 288.82, 0.01);
  for (const double quantile : {0.1, 0.5, 0.95, 0.99}) {
    EXPECT_NEAR(summary.Quantile(quantile), 1'000 * quantile, quantile * 2);
  }
}

TEST(NumberSummaryTest, OrdersNegativeNumbersAndZero) {
  NumberSummary summary;
  for (const double value : {-1e9, -5.0, 0.0, 1e-9, 7.0}) summary.Record(value);

  EXPECT_DOUBLE_EQ(summary.Quantile(0), -1e9);
  EXPECT_NEAR(summary.Quantile(0.4), -5, 0.005);
  EXPECT_DOUBLE_EQ(summary.Quantile(0.6), 0);
  EXPECT_NEAR(summary.Quantile(0.8), 1e-9, 1e-12);
  EXPECT_DOUBLE_EQ(summary.Quantile(1), 7);
}

TEST(NumberSummaryTest, BooleansGiveARate) {
  NumberSummary summary;
  for (int i = 0; i < 20; ++i) summary.Record(i % 4 == 0 ? 0 : 1);

  EXPECT_DOUBLE_EQ(summary.Mean(), 0.75);
}

TEST(NumberSummaryTest, MergingPartsGivesTheWhole) {
  NumberSummary low;
  NumberSummary high;
  for (int i = 1; i <= 600; ++i) low.Record(i);
  for (int i = 601; i <= 1'000; ++i) high.Record(i);

  NumberSummary merged;
  merged.Merge(low);
  merged.Merge(high);
  merged.Merge(NumberSummary());

  const NumberSummary whole = OneTo(1'000);
  EXPECT_DOUBLE_EQ(merged.sum(), whole.sum());
  EXPECT_NEAR(merged.StandardDeviation(), whole.StandardDeviation(), 1e-9);
  EXPECT_DOUBLE_EQ(merged.Min(), 1);
  EXPECT_DOUBLE_EQ(merged.Max(), 1'000);
  EXPECT_DOUBLE_EQ(merged.Quantile(0.77), whole.Quantile(0.77));
}

TEST(NumberSummaryTest, TheDeviationOfLargeNumbersIsNotLost) {
  NumberSummary summary;
  for (const int offset : {1, 2, 3}) summary.Record(1e15 + offset);

  EXPECT_NEAR(summary.StandardDeviation(), 1, 0.1);
}

TEST(NumberSummaryTest, WhatIsNoNumberIsLeftOut) {
  NumberSummary summary;
  summary.Record(std::nan(""));
  summary.Record(std::numeric_limits<double>::infinity());

  EXPECT_EQ(summary.count(), 0U);
  EXPECT_DOUBLE_EQ(summary.Quantile(0.5), 0);
}

TEST(NumberSummaryTest, TheSmallestAndLargestNumbersHaveTheirPlace) {
  NumberSummary summary;
  summary.Record(std::numeric_limits<double>::denorm_min());
  summary.Record(0);
  summary.Record(std::numeric_limits<double>::max());

  EXPECT_GT(summary.Quantile(0.5), 0);
  EXPECT_LT(summary.Quantile(0.5), 1e-300);
}

}  // namespace
}  // namespace perfrig::load
