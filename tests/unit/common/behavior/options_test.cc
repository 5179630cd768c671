#include "common/behavior/options.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace perfrig {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(OptionsTest, ReadsEveryKindOfValue) {
  v1::Behavior behavior;
  EXPECT_TRUE(SetOption("cache", "l1_bytes", "64MB", behavior).ok());
  EXPECT_TRUE(SetOption("cache", "l2_delay", "2ms", behavior).ok());
  EXPECT_TRUE(SetOption("cache", "encrypt", "true", behavior).ok());
  EXPECT_TRUE(SetOption("cache", "l2_back_end", "real", behavior).ok());
  EXPECT_EQ(behavior.cache().l1_bytes(), 64'000'000U);
  EXPECT_EQ(behavior.cache().l2_delay().nanos(), 2'000'000);
  EXPECT_TRUE(behavior.cache().encrypt());
  EXPECT_EQ(behavior.cache().l2_back_end(), v1::REAL);
  EXPECT_THAT(CheckOptions(behavior), IsEmpty());
  EXPECT_EQ(OptionsTarget(behavior), "cache");
}

TEST(OptionsTest, NamesTheNearestOption) {
  v1::Behavior behavior;
  EXPECT_THAT(SetOption("database", "replica", "2", behavior).ToString(),
              HasSubstr("replicas"));
  EXPECT_FALSE(SetOption("echo", "replicas", "2", behavior).ok());
  EXPECT_THAT(OptionNames("database"), Contains("replicas"));
  EXPECT_THAT(OptionNames("echo"), IsEmpty());
}

TEST(OptionsTest, RefusesWhatIsNoValue) {
  v1::Behavior behavior;
  for (const char* text : {"-1", "two", "1.5", "1e12", "nan", ""}) {
    EXPECT_FALSE(SetOption("database", "replicas", text, behavior).ok())
        << text;
  }
  EXPECT_FALSE(SetOption("cache", "l2_delay", "2", behavior).ok());
  EXPECT_FALSE(SetOption("cache", "encrypt", "yes", behavior).ok());
  EXPECT_THAT(SetOption("cache", "l2_back_end", "redis", behavior).ToString(),
              HasSubstr("mock, real"));
}

TEST(OptionsTest, ChecksRangesOfAllKinds) {
  v1::Behavior behavior;
  behavior.mutable_database()->set_replicas(0);
  behavior.mutable_database()->mutable_slow_by()->set_seconds(-1);
  EXPECT_THAT(CheckOptions(behavior),
              ElementsAre(Field(&FieldProblem::field, "database.replicas"),
                          Field(&FieldProblem::field, "database.slow_by")));
}

}  // namespace
}  // namespace perfrig
