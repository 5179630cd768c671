#include "common/stats/histogram.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace perfrig {
namespace {

// A sorted sample over many magnitudes.
std::vector<Nanos> SortedSample(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> value(13, 3);
  std::vector<Nanos> sample;
  for (std::size_t i = 0; i < count; ++i) {
    sample.push_back(static_cast<Nanos>(value(random)));
  }
  std::sort(sample.begin(), sample.end());
  return sample;
}

Histogram HistogramOf(const std::vector<Nanos>& sample) {
  Histogram histogram;
  for (const Nanos value : sample) histogram.Record(value);
  return histogram;
}

TEST(HistogramTest, EveryValueStandsWithinATenthOfAPercentOfItsBucket) {
  for (Nanos value = 1; value < Histogram::kLargest; value += value / 7 + 1) {
    const Nanos middle = Histogram::ValueAt(Histogram::IndexOf(value));

    EXPECT_NEAR(static_cast<double>(middle), static_cast<double>(value),
                static_cast<double>(value) * 0.001);
  }
}

TEST(HistogramTest, BucketsFollowEachOtherWithoutGaps) {
  for (int bits = 1; bits < 41; ++bits) {
    const Nanos power = Nanos{1} << bits;

    const std::size_t below = Histogram::IndexOf(power - 1);
    const std::size_t at = Histogram::IndexOf(power);

    EXPECT_EQ(at, below + 1) << power;
  }
}

TEST(HistogramTest, QuantilesAreThoseOfTheSortedSample) {
  const std::vector<Nanos> sample = SortedSample(10'000, 1);
  const Histogram histogram = HistogramOf(sample);

  for (const double quantile : {0.001, 0.25, 0.5, 0.9, 0.95, 0.99, 0.9999}) {
    const auto rank = static_cast<std::size_t>(
        std::ceil(quantile * static_cast<double>(sample.size()) - 1e-6));
    const auto exact = static_cast<double>(sample[rank - 1]);
    EXPECT_NEAR(static_cast<double>(histogram.Quantile(quantile)), exact,
                exact * 0.001)
        << quantile;
  }
}

TEST(HistogramTest, TheEndsAreExact) {
  const Histogram histogram = HistogramOf({1'234'567, 5'000'001, 9'876'543});

  EXPECT_EQ(histogram.Quantile(0), 1'234'567);
  EXPECT_EQ(histogram.Quantile(1), 9'876'543);
  EXPECT_EQ(histogram.min(), 1'234'567);
  EXPECT_EQ(histogram.max(), 9'876'543);
}

TEST(HistogramTest, ARankIsNotMissedByRounding) {
  Histogram histogram;
  for (Nanos value = 1; value <= 20; ++value) histogram.Record(value);

  EXPECT_EQ(histogram.Quantile(0.95), 19);
  EXPECT_EQ(histogram.Quantile(0.05), 1);
  EXPECT_EQ(histogram.Quantile(0.55), 11);
}

TEST(HistogramTest, CallsThatWereGivenUpRankAboveAllOthers) {
  Histogram histogram;
  for (Nanos value = 1; value <= 90; ++value) histogram.Record(value);

  EXPECT_EQ(histogram.Quantile(0.5, 10), 50);
  EXPECT_EQ(histogram.Quantile(0.9, 10), 90);
  EXPECT_EQ(histogram.Quantile(0.91, 10), kNever);
  EXPECT_EQ(Histogram().Quantile(0.5, 1), kNever);
}

TEST(HistogramTest, NothingRecordedGivesZeros) {
  const Histogram histogram;

  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.Quantile(0.99), 0);
  EXPECT_EQ(histogram.min(), 0);
  EXPECT_EQ(histogram.Mean(), 0);
  EXPECT_EQ(histogram.StandardDeviation(), 0);
  EXPECT_EQ(histogram.CountAtMost(kSecond), 0U);
}

TEST(HistogramTest, MeanAndDeviationAreThoseOfTheSample) {
  const Histogram histogram = HistogramOf({2'000, 4'000, 4'000, 6'000});

  EXPECT_DOUBLE_EQ(histogram.sum(), 16'000);
  EXPECT_DOUBLE_EQ(histogram.Mean(), 4'000);
  EXPECT_NEAR(histogram.StandardDeviation(), 1'632.99, 0.01);
}

TEST(HistogramTest, MergingPartsGivesTheWhole) {
  const std::vector<Nanos> sample = SortedSample(9'999, 2);
  std::vector<Histogram> parts(3);
  for (std::size_t i = 0; i < sample.size(); ++i) {
    parts[i % 3].Record(sample[i]);
  }

  Histogram merged;
  for (const Histogram& part : parts) merged.Merge(part);

  const Histogram whole = HistogramOf(sample);
  EXPECT_EQ(merged.ToProto().index_delta_size(),
            whole.ToProto().index_delta_size());
  for (int percent = 0; percent <= 100; ++percent) {
    const double quantile = percent / 100.0;
    EXPECT_EQ(merged.Quantile(quantile), whole.Quantile(quantile));
  }
  EXPECT_DOUBLE_EQ(merged.sum(), whole.sum());
  EXPECT_EQ(merged.max(), whole.max());
}

TEST(HistogramTest, ClearForgetsEverything) {
  Histogram histogram = HistogramOf(SortedSample(1'000, 3));

  histogram.Clear();
  histogram.Record(42);

  EXPECT_EQ(histogram.count(), 1U);
  EXPECT_EQ(histogram.Quantile(0.5), 42);
  EXPECT_EQ(histogram.max(), 42);
  EXPECT_EQ(histogram.ToProto().index_delta_size(), 1);
}

TEST(HistogramTest, ValuesOutOfRangeAreCountedAndShown) {
  Histogram histogram;
  histogram.Record(-5);
  histogram.Record(2 * Histogram::kLargest);

  EXPECT_EQ(histogram.count(), 2U);
  EXPECT_EQ(histogram.min(), 0);
  EXPECT_EQ(histogram.max(), 2 * Histogram::kLargest);
  EXPECT_EQ(histogram.out_of_range(), 1U);
}

TEST(HistogramTest, CountAtMostCountsWholeBuckets) {
  const Histogram histogram = HistogramOf({100, 200, 300, kSecond});

  EXPECT_EQ(histogram.CountAtMost(99), 0U);
  EXPECT_EQ(histogram.CountAtMost(200), 2U);
  EXPECT_EQ(histogram.CountAtMost(kSecond - kMillisecond * 2), 3U);
  EXPECT_EQ(histogram.CountAtMost(kNever), 4U);
}

TEST(HistogramTest, AHistogramSurvivesItsJourney) {
  const Histogram sent = HistogramOf(SortedSample(5'000, 4));

  const Histogram received = Histogram::FromProto(sent.ToProto());

  EXPECT_EQ(received.count(), sent.count());
  EXPECT_EQ(received.min(), sent.min());
  EXPECT_EQ(received.max(), sent.max());
  EXPECT_DOUBLE_EQ(received.sum(), sent.sum());
  EXPECT_DOUBLE_EQ(received.StandardDeviation(), sent.StandardDeviation());
  for (int percent = 0; percent <= 100; ++percent) {
    const double quantile = percent / 100.0;
    EXPECT_EQ(received.Quantile(quantile), sent.Quantile(quantile));
  }
}

TEST(HistogramTest, BytesFromOutsideDoNoHarm) {
  v1::Histogram proto;
  proto.add_index_delta(5);
  proto.add_index_delta(0xFFFFFFFF);
  proto.add_index_delta(3);
  proto.add_count(1);
  proto.add_count(7);
  proto.set_min_ns(~0ULL);

  const Histogram histogram = Histogram::FromProto(proto);

  EXPECT_EQ(histogram.count(), 1U);
  EXPECT_GE(histogram.max(), histogram.min());
}

TEST(HistogramTest, ADistributionShowsTheFiguresOfItsHistogram) {
  Histogram histogram;
  for (Nanos value = 1; value <= 1'000; ++value) histogram.Record(value);

  const v1::Distribution distribution = ToDistribution(histogram, true);

  EXPECT_EQ(distribution.count(), 1'000U);
  EXPECT_EQ(distribution.p50_ns(), 500U);
  EXPECT_EQ(distribution.p99_ns(), 990U);
  EXPECT_EQ(distribution.p999_ns(), 999U);
  EXPECT_EQ(distribution.max_ns(), 1'000U);
  EXPECT_EQ(distribution.histogram().count_size(), 1'000);
  EXPECT_FALSE(ToDistribution(histogram, false).has_histogram());
}

}  // namespace
}  // namespace perfrig
