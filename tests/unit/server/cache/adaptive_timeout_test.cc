#include "server/cache/adaptive_timeout.h"

#include <gtest/gtest.h>

namespace perfrig::cache {
namespace {

void Record(AdaptiveTimeout& timeout, Nanos took, int times) {
  for (int i = 0; i < times; ++i) timeout.Record(took);
}

TEST(AdaptiveTimeoutTest, BeginsAtTheCeiling) {
  EXPECT_EQ(AdaptiveTimeout({}).Now(), kSecond);
}

TEST(AdaptiveTimeoutTest, FollowsTheSlowestInAHundred) {
  AdaptiveTimeout timeout({});

  Record(timeout, 10 * kMillisecond, 120);
  Record(timeout, 50 * kMillisecond, 8);

  EXPECT_EQ(timeout.Now(), 150 * kMillisecond);
  Record(timeout, 20 * kMillisecond, 128);
  EXPECT_EQ(timeout.Now(), 60 * kMillisecond);
}

TEST(AdaptiveTimeoutTest, StaysBetweenFloorAndCeiling) {
  AdaptiveTimeout timeout({});

  Record(timeout, kMicrosecond, 128);
  EXPECT_EQ(timeout.Now(), 10 * kMillisecond);
  Record(timeout, 10 * kSecond, 128);
  EXPECT_EQ(timeout.Now(), kSecond);
}

// Each call takes as long as it is allowed: the timeout must not stay where the
// service used to be quick.
TEST(AdaptiveTimeoutTest, GrowsWhenEveryCallRunsIntoIt) {
  AdaptiveTimeout timeout({});
  Record(timeout, kMillisecond, 128);

  for (int i = 0; i < 64; ++i) timeout.Record(timeout.Now());

  EXPECT_EQ(timeout.Now(), kSecond);
}

TEST(AdaptiveTimeoutTest, StaysAtTheCeilingWhereItDoesNotFollow) {
  AdaptiveTimeout timeout({.follows = false});

  Record(timeout, kMillisecond, 128);

  EXPECT_EQ(timeout.Now(), kSecond);
}

}  // namespace
}  // namespace perfrig::cache
