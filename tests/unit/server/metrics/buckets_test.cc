#include "server/metrics/buckets.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/unit/server/metrics/made_up.h"

namespace perfrig::metrics {
namespace {

TEST(Buckets, BoundsDoubleEverySecondStepUpToTheMost) {
  const auto& bounds = LatencyBounds();

  EXPECT_EQ(bounds.front(), 50 * kMicrosecond);
  EXPECT_EQ(bounds[2], 100 * kMicrosecond);
  EXPECT_GE(bounds.back(), 60 * kSecond);
  EXPECT_LT(bounds[bounds.size() - 2], 60 * kSecond);
}

TEST(Buckets, ASampleStandsInTheFirstBucketThatHoldsIt) {
  BucketCounts counts(LatencyBounds());

  counts.Add(Times({kMicrosecond, 60 * kMicrosecond, 200 * kSecond}));

  EXPECT_EQ(counts.counts()[0], 1U);
  EXPECT_EQ(counts.counts()[1], 1U);
  EXPECT_EQ(counts.counts().back(), 1U);
  EXPECT_EQ(counts.count(), 3U);
  EXPECT_DOUBLE_EQ(counts.sum_ns(), 61e3 + 200e9);
}

TEST(Buckets, NoSampleIsLostOrCountedTwice) {
  BucketCounts counts(ErrorBounds());
  Histogram histogram;
  for (Nanos value = 1; value < kSecond; value += value / 7 + 1) {
    histogram.Record(value);
  }

  counts.Add(ToDistribution(histogram, true));

  EXPECT_EQ(std::accumulate(counts.counts().begin(), counts.counts().end(),
                            std::uint64_t{0}),
            histogram.count());
}

TEST(Buckets, ADistributionWithoutBucketsAddsNothing) {
  BucketCounts counts(LatencyBounds());
  v1::Distribution times = Times({kSecond});
  times.clear_histogram();

  counts.Add(times);

  EXPECT_EQ(counts.count(), 0U);
}

}  // namespace
}  // namespace perfrig::metrics
