#include "client/flags/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace perfrig {
namespace {

using ::testing::HasSubstr;
using ::testing::Pair;

TEST(ParseDurationTest, TakesTimesWithUnits) {
  EXPECT_EQ(*ParseDuration("250ms"), absl::Milliseconds(250));
  EXPECT_EQ(*ParseDuration("1.5s"), absl::Milliseconds(1500));
  EXPECT_EQ(*ParseDuration("2m30s"), absl::Seconds(150));
  EXPECT_EQ(*ParseDuration("0"), absl::ZeroDuration());
}

TEST(ParseDurationTest, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "10", "ms", "-1s", "inf", "1 fortnight", "9e9h"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
  EXPECT_THAT(std::string(ParseDuration("10").status().message()),
              HasSubstr("got \"10\""));
}

TEST(ParseDurationTest, SplitsSecondsAndNanoseconds) {
  const auto duration = ParseProtoDuration("1.25s");

  EXPECT_EQ(duration->seconds(), 1);
  EXPECT_EQ(duration->nanos(), 250'000'000);
}

TEST(ParseRateTest, CountsPerSecond) {
  EXPECT_DOUBLE_EQ(*ParseRate("1000/s"), 1000);
  EXPECT_DOUBLE_EQ(*ParseRate("1000"), 1000);
  EXPECT_DOUBLE_EQ(*ParseRate("60/m"), 1);
  EXPECT_DOUBLE_EQ(*ParseRate("1800/h"), 0.5);
}

TEST(ParseRateTest, RefusesWhatIsNoRate) {
  for (const char* text : {"", "0", "-5/s", "nan", "inf", "5/day", "/s"}) {
    EXPECT_FALSE(ParseRate(text).ok()) << text;
  }
}

TEST(ParseShareTest, TakesPercentAndFractions) {
  EXPECT_DOUBLE_EQ(*ParseShare("1%"), 0.01);
  EXPECT_DOUBLE_EQ(*ParseShare("0.5"), 0.5);
  EXPECT_DOUBLE_EQ(*ParseShare("100%"), 1);
  for (const char* text : {"", "%", "101%", "1.5", "-1%", "nan"}) {
    EXPECT_FALSE(ParseShare(text).ok()) << text;
  }
}

TEST(ParseBytesTest, TellsDecimalFromBinaryUnits) {
  EXPECT_DOUBLE_EQ(*ParseBytes("10MB"), 10e6);
  EXPECT_DOUBLE_EQ(*ParseBytes("10MB/s"), 10e6);
  EXPECT_DOUBLE_EQ(*ParseBytes("1KiB"), 1024);
  EXPECT_DOUBLE_EQ(*ParseBytes("512"), 512);
  EXPECT_DOUBLE_EQ(*ParseBytes("512B"), 512);
  EXPECT_FALSE(ParseBytes("-1").ok());
  EXPECT_FALSE(ParseBytes("many").ok());
}

TEST(ParseAssignmentTest, SplitsAtTheFirstEqualsSign) {
  EXPECT_THAT(*ParseAssignment("A=b=c"), Pair("A", "b=c"));
  EXPECT_THAT(*ParseAssignment("A="), Pair("A", ""));
  EXPECT_FALSE(ParseAssignment("A").ok());
  EXPECT_FALSE(ParseAssignment("=b").ok());
}

TEST(ParseAssignmentTest, NamesTheFlag) {
  EXPECT_EQ(ParseAssignments("--label", {"A=1", "B"}).status().message(),
            "--label must be KEY=VALUE, got \"B\"");
}

TEST(ParseAssignmentTest, RefusesAKeyGivenTwice) {
  EXPECT_FALSE(ParseAssignments("--set", {"A=1", "A=2"}).ok());
}

}  // namespace
}  // namespace perfrig
