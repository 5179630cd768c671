#include "server/load/steadiness.h"

#include "gtest/gtest.h"

namespace perfrig::load {
namespace {

class SteadinessTest : public testing::Test {
 protected:
  // The next second: `ok` calls that took so long each.
  bool Add(std::uint64_t ok, Nanos latency, Nanos length = kSecond) {
    elapsed_ += length;
    Second second;
    second.elapsed = elapsed_;
    second.tally.ok = ok;
    second.tally.latency.Record(latency, ok);
    return steadiness_.Add(second);
  }

  Steadiness steadiness_;
  Nanos elapsed_ = 0;
};

TEST_F(SteadinessTest, NeedsThreeSecondsAlike) {
  EXPECT_FALSE(Add(100, kMillisecond));
  EXPECT_FALSE(Add(104, kMillisecond));
  EXPECT_TRUE(Add(101, kMillisecond));
}

TEST_F(SteadinessTest, LatencyThatStillFallsIsNotSteady) {
  Nanos latency = 50 * kMillisecond;
  for (int i = 0; i < 10; ++i, latency = latency * 95 / 100) {
    EXPECT_FALSE(Add(100, latency));
  }
  Add(100, latency);
  Add(100, latency);
  EXPECT_TRUE(Add(100, latency));
}

TEST_F(SteadinessTest, ThroughputThatStillRisesIsNotSteady) {
  EXPECT_FALSE(Add(100, kMillisecond));
  EXPECT_FALSE(Add(103, kMillisecond));
  EXPECT_FALSE(Add(107, kMillisecond));
  EXPECT_TRUE(Add(108, kMillisecond));
}

TEST_F(SteadinessTest, ASecondToldLateCountsByItsLength) {
  Add(100, kMillisecond);
  Add(200, kMillisecond, 2 * kSecond);
  EXPECT_TRUE(Add(100, kMillisecond));
}

TEST_F(SteadinessTest, SecondsWithoutCallsAreNotAlike) {
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(Add(0, kMillisecond));
}

}  // namespace
}  // namespace perfrig::load
