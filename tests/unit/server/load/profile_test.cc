#include "server/load/profile.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace perfrig::load {
namespace {

struct StageOf {
  double level;
  Nanos duration;
  bool ramp;
};

Profile RateStages(const std::vector<StageOf>& stages) {
  v1::Load load;
  for (const auto& [level, duration, ramp] : stages) {
    v1::Stage& stage = *load.add_stages();
    stage.set_rate(level);
    stage.mutable_duration()->set_seconds(duration / kSecond);
    stage.set_ramp(ramp);
  }
  return Profile::Of(load);
}

Profile UserStages(const std::vector<StageOf>& stages) {
  v1::Load load;
  for (const auto& [level, duration, ramp] : stages) {
    v1::Stage& stage = *load.add_stages();
    stage.set_users(static_cast<std::uint32_t>(level));
    stage.mutable_duration()->set_seconds(duration / kSecond);
    stage.set_ramp(ramp);
  }
  return Profile::Of(load);
}

TEST(ProfileTest, StagesFollowEachOther) {
  const Profile profile = RateStages({{100, 10 * kSecond, true},
                                      {100, 5 * kSecond, false},
                                      {0, 10 * kSecond, true}});

  EXPECT_EQ(profile.length(), 25 * kSecond);
  EXPECT_DOUBLE_EQ(profile.At(0), 0);
  EXPECT_DOUBLE_EQ(profile.At(5 * kSecond), 50);
  EXPECT_DOUBLE_EQ(profile.At(12 * kSecond), 100);
  EXPECT_DOUBLE_EQ(profile.At(20 * kSecond), 50);
  EXPECT_DOUBLE_EQ(profile.At(kNever), 0);
  EXPECT_DOUBLE_EQ(profile.Peak(), 100);
}

TEST(ProfileTest, ALoadWithoutDurationNeverEnds) {
  v1::Load load;
  load.set_users(3);

  const Profile profile = Profile::Of(load);

  EXPECT_EQ(profile.length(), kNever);
  EXPECT_DOUBLE_EQ(profile.At(1'000'000 * kSecond), 3);
}

TEST(ProfileTest, AWarmUpHoldsTheFirstLevel) {
  const Profile profile = RateStages({{80, 10 * kSecond, true}});

  const Profile warmup = profile.WarmUp(3 * kSecond);

  EXPECT_EQ(warmup.length(), 3 * kSecond);
  EXPECT_DOUBLE_EQ(warmup.At(0), 80);
}

TEST(ProfileInverseTest, FindsWhereTheAreaIsReached) {
  // Area: 500 after the ramp, 1,500 at the end.
  ProfileInverse inverse(
      RateStages({{100, 10 * kSecond, true}, {100, 10 * kSecond, false}}));

  EXPECT_EQ(inverse.At(0), 0);
  EXPECT_EQ(inverse.At(5), kSecond);
  EXPECT_EQ(inverse.At(125), 5 * kSecond);
  EXPECT_EQ(inverse.At(500), 10 * kSecond);
  EXPECT_EQ(inverse.At(1'000), 15 * kSecond);
  EXPECT_EQ(inverse.At(1'500), kNever);
  EXPECT_EQ(inverse.At(1'501), kNever);
}

TEST(ProfileInverseTest, ARampDownSlowsDown) {
  ProfileInverse inverse(
      RateStages({{100, 1 * kSecond, false}, {0, 10 * kSecond, true}}));

  EXPECT_EQ(inverse.At(100), kSecond);
  // Half of the ramp holds three quarters of its area.
  EXPECT_EQ(inverse.At(475), 6 * kSecond);
  EXPECT_LT(inverse.At(599), 11 * kSecond);
  EXPECT_EQ(inverse.At(600), kNever);
}

TEST(ProfileInverseTest, ALevelOfZeroIsPassedOver) {
  ProfileInverse inverse(RateStages({{10, 1 * kSecond, false},
                                     {0, 5 * kSecond, false},
                                     {10, 1 * kSecond, false}}));

  EXPECT_EQ(inverse.At(9), 900 * kMillisecond);
  EXPECT_EQ(inverse.At(10), 6 * kSecond);
  EXPECT_EQ(inverse.At(19), 6'900 * kMillisecond);
  EXPECT_EQ(inverse.At(20), kNever);
}

TEST(UserCountsTest, ARampIsClimbedOneByOne) {
  const UserCounts users(UserStages({{10, 10 * kSecond, true}}));

  std::vector<Nanos> changes;
  for (Nanos at = users.NextChange(0); at < 10 * kSecond;
       at = users.NextChange(at)) {
    changes.push_back(at);
    EXPECT_EQ(users.At(at), changes.size());
    EXPECT_EQ(users.At(at - 1), changes.size() - 1);
  }

  ASSERT_EQ(changes.size(), 10U);
  EXPECT_EQ(changes.front(), kSecond / 2);
  EXPECT_EQ(changes.back(), 9'500 * kMillisecond);
}

TEST(UserCountsTest, StepsChangeAtTheirEnds) {
  const UserCounts users(
      UserStages({{5, 2 * kSecond, false}, {1, 3 * kSecond, false}}));

  EXPECT_EQ(users.At(0), 5U);
  EXPECT_EQ(users.NextChange(0), 2 * kSecond);
  EXPECT_EQ(users.At(2 * kSecond), 1U);
  EXPECT_EQ(users.NextChange(2 * kSecond), 5 * kSecond);
  EXPECT_EQ(users.NextChange(5 * kSecond), kNever);
}

TEST(UserCountsTest, ARampDownEndsWhereItShould) {
  const UserCounts users(
      UserStages({{4, 1 * kSecond, false}, {0, 4 * kSecond, true}}));

  std::uint32_t lowest = 4;
  int turns = 0;
  for (Nanos at = 0; at != kNever && turns < 100; at = users.NextChange(at)) {
    EXPECT_LE(users.At(at), lowest);
    lowest = users.At(at);
    ++turns;
  }

  EXPECT_EQ(lowest, 0U);
  EXPECT_LT(turns, 20);
}

}  // namespace
}  // namespace perfrig::load
