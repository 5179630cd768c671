#include "server/load/seconds_by_hiccup.h"

#include <gtest/gtest.h>

namespace perfrig::load {
namespace {

SecondTimes SecondOf(Nanos worst_hiccup, Nanos latency) {
  SecondTimes second;
  second.worst_hiccup = worst_hiccup;
  second.latency.Record(latency);
  second.latency_all.Record(latency);
  second.service.Record(latency / 2);
  return second;
}

TEST(SecondsByHiccupTest, ALongRoundTakesFewHistogramsAndLosesNoCall) {
  constexpr int kSeconds = 3'000;
  SecondsByHiccup kept;
  double sum = 0;
  for (int i = 0; i < kSeconds; ++i) {
    // Hiccups of up to 64 ms, latencies all over the place.
    const Nanos latency = kMicrosecond * (1 + i % 500);
    kept.Add(SecondOf(kMicrosecond * (1 + 211 * i % 64'000), latency));
    sum += static_cast<double>(latency);
  }

  const auto seconds = kept.Take();

  EXPECT_LE(seconds.size(), 8 * 6 + 1);
  Histogram all;
  std::uint64_t counted = 0;
  for (const SecondsAlike& alike : seconds) {
    counted += alike.seconds;
    all.Merge(Histogram::FromProto(alike.latency));
  }
  EXPECT_EQ(counted, kSeconds);
  EXPECT_EQ(all.count(), kSeconds);
  EXPECT_DOUBLE_EQ(all.sum(), sum);
}

TEST(SecondsByHiccupTest, SecondsThatNoThresholdCallsDisturbedAreOne) {
  SecondsByHiccup kept;
  kept.Add(SecondOf(0, kMillisecond));
  kept.Add(SecondOf(kMillisecond, kMillisecond));
  kept.Add(SecondOf(kMillisecond + 1, kMillisecond));

  const auto seconds = kept.Take();

  ASSERT_EQ(seconds.size(), 2);
  EXPECT_EQ(seconds[0].seconds, 2);
  EXPECT_EQ(seconds[0].worst_hiccup, kMillisecond);
  EXPECT_EQ(seconds[1].worst_hiccup, kMillisecond + 1);
}

TEST(SecondsByHiccupTest, KeepsTheWorstAndAllThreeTimes) {
  SecondsByHiccup kept;
  kept.Add(SecondOf(40 * kMillisecond, 6 * kMillisecond));
  kept.Add(SecondOf(41 * kMillisecond, 8 * kMillisecond));

  const auto seconds = kept.Take();

  ASSERT_EQ(seconds.size(), 1);
  EXPECT_EQ(seconds[0].worst_hiccup, 41 * kMillisecond);
  EXPECT_EQ(Histogram::FromProto(seconds[0].latency).max(), 8 * kMillisecond);
  EXPECT_EQ(Histogram::FromProto(seconds[0].latency_all).count(), 2);
  EXPECT_EQ(Histogram::FromProto(seconds[0].service).min(), 3 * kMillisecond);
}

}  // namespace
}  // namespace perfrig::load
