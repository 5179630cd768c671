#include "server/targets/model_times.h"

#include <gtest/gtest.h>

#include <string>

#include "google/protobuf/text_format.h"

namespace perfrig::targets {
namespace {

ModelTimes TimesOf(const std::string& behavior) {
  v1::Behavior parsed;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(behavior, &parsed));
  return ModelTimes(parsed);
}

TEST(ModelTimesTest, AModelSlowsDownByItsOwnFactor) {
  const ModelTimes times = TimesOf("orchestrator { profile: MODEL_8B }");

  EXPECT_EQ(times.FirstToken(10, 0), 31 * kMillisecond);
  EXPECT_EQ(times.FirstToken(10, 50), 62 * kMillisecond);
  EXPECT_EQ(times.Gap(0), 10 * kMillisecond);
  EXPECT_EQ(times.Gap(50), 20 * kMillisecond);
  EXPECT_EQ(times.Whole(10, 60, 0), 621 * kMillisecond);
  EXPECT_EQ(times.Whole(10, 60, 50), 1'242 * kMillisecond);
}

TEST(ModelTimesTest, TheStationMultipliesByTheBehaviorsFactor) {
  const ModelTimes times =
      TimesOf("load_factor: 1 orchestrator { profile: MODEL_8B }");

  EXPECT_EQ(times.FirstToken(10, 1), 31 * kMillisecond);
  EXPECT_EQ(times.Whole(10, 60, 1), 621 * kMillisecond);
  // It knows nothing of what comes between the tokens.
  EXPECT_EQ(times.Gap(1), 20 * kMillisecond);
}

TEST(ModelTimesTest, WithoutAModelTheDelayHolds) {
  const ModelTimes times = TimesOf("orchestrator { token_gap { nanos: 5 } }");

  EXPECT_FALSE(times.FirstToken(10, 0).has_value());
  EXPECT_FALSE(times.Whole(10, 60, 0).has_value());
  EXPECT_EQ(times.Gap(0), 5);
  EXPECT_FALSE(TimesOf("").Gap(0).has_value());
}

TEST(ModelTimesTest, ALoadedTimeIsAtMostAnHour) {
  const ModelTimes times = TimesOf(
      "load_factor: 1000 "
      "orchestrator { profile: MODEL_70B token_gap { seconds: 60 } }");

  EXPECT_EQ(times.Gap(100'000), 3'600 * kSecond);
  EXPECT_EQ(times.Gap(10'000'000'000), 3'600 * kSecond);
  EXPECT_EQ(times.Whole(0, 200, 100'000),
            150 * kMillisecond + 11'940 * kSecond);
  EXPECT_EQ(TimesOf("orchestrator { profile: MODEL_70B }")
                .FirstToken(0, 10'000'000'000),
            3'600 * kSecond);
}

}  // namespace
}  // namespace perfrig::targets
