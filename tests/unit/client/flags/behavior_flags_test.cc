#include "client/flags/behavior_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/views/behavior_text.h"

namespace perfrig {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Message(const absl::Status& status) {
  return std::string(status.message());
}

TEST(ParseDelayTest, ReadsBackWhatItShows) {
  for (const char* text :
       {"20ms", "uniform:10ms,30ms", "normal:20ms,5ms", "lognormal:20ms,0.5",
        "exponential:20ms", "pareto:5ms,1.5", "quantiles:0=1ms,0.5=20ms,1=2s",
        "mixture:9*20ms+1*exponential:1s"}) {
    const auto delay = ParseDelay(text);
    ASSERT_TRUE(delay.ok()) << text << ": " << delay.status();
    EXPECT_EQ(DelayText(*delay), text);
  }
}

TEST(ParseDelayTest, TakesFixedByName) {
  EXPECT_EQ(DelayText(*ParseDelay("fixed:1s")), "1s");
}

TEST(ParseDelayTest, SaysWhatItExpected) {
  EXPECT_THAT(Message(ParseDelay("gaussian:1s").status()),
              HasSubstr("unknown distribution \"gaussian\""));
  EXPECT_THAT(Message(ParseDelay("lognormal:20ms").status()),
              HasSubstr("must be lognormal:MEDIAN,SIGMA"));
  EXPECT_THAT(Message(ParseDelay("20").status()),
              HasSubstr("time with a unit"));
  EXPECT_FALSE(ParseDelay("").ok());
  EXPECT_FALSE(ParseDelay("mixture:20ms").ok());
  EXPECT_FALSE(ParseDelay("uniform:10ms,lots").ok());
  EXPECT_FALSE(ParseDelay("quantiles:20ms").ok());
}

TEST(ParseFaultTest, ReadsBackWhatItShows) {
  for (const char* text :
       {"UNAVAILABLE:1%", "hang:0.1%", "drop:50%", "slow:5%,2s"}) {
    const auto fault = ParseFault(text);
    ASSERT_TRUE(fault.ok()) << text << ": " << fault.status();
    EXPECT_EQ(FaultText(*fault), text);
  }
}

TEST(ParseFaultTest, RefusesWhatIsNoFault) {
  for (const char* text : {"", "UNAVAILABLE", ":1%", "UNAVAILABLE:200%",
                           "slow:1%", "hang:1%,2s", "slow:1%,soon"}) {
    EXPECT_FALSE(ParseFault(text).ok()) << text;
  }
}

TEST(ParseStallTest, IsSoLongInEvery) {
  const auto stall = ParseStall("1s/6s");

  ASSERT_TRUE(stall.ok());
  EXPECT_EQ(stall->duration().seconds(), 1);
  EXPECT_EQ(stall->every().seconds(), 6);
  EXPECT_FALSE(ParseStall("1s").ok());
  EXPECT_FALSE(ParseStall("1s/6s/2s").ok());
}

TEST(ParseOutageTest, MayStartLaterAndNameItsStatus) {
  const auto outage = ParseOutage("5s@10s,internal");

  ASSERT_TRUE(outage.ok());
  EXPECT_EQ(outage->duration().seconds(), 5);
  EXPECT_EQ(outage->after().seconds(), 10);
  EXPECT_EQ(outage->status(), "INTERNAL");
  EXPECT_EQ(ParseOutage("5s")->duration().seconds(), 5);
  EXPECT_FALSE(ParseOutage("@10s").ok());
}

TEST(ParseBehaviorTest, MasksOnlyWhatWasGiven) {
  const auto request =
      ParseBehavior("database", {.delay = "20ms", .capacity = "20"});

  ASSERT_TRUE(request.ok());
  EXPECT_THAT(request->update_mask().paths(), ElementsAre("delay", "capacity"));
  EXPECT_EQ(request->behavior().capacity(), 20);
  EXPECT_EQ(request->behavior().delay().fixed().nanos(), 20'000'000);
}

TEST(ParseBehaviorTest, TakesAFieldBackByDefaultOrNone) {
  const auto request = ParseBehavior(
      "database", {.delay = "default", .faults = {"none"}, .stall = "none"});

  ASSERT_TRUE(request.ok());
  EXPECT_THAT(request->update_mask().paths(),
              ElementsAre("delay", "faults", "stall"));
  EXPECT_FALSE(request->behavior().has_delay());
  EXPECT_TRUE(request->behavior().faults().empty());
  EXPECT_FALSE(request->behavior().has_stall());
}

TEST(ParseBehaviorTest, NamesTheFlagInItsErrors) {
  EXPECT_THAT(Message(ParseBehavior("database", {.capacity = "-1"}).status()),
              HasSubstr("--capacity must be a whole number"));
  EXPECT_THAT(Message(ParseBehavior("database", {.faults = {"x"}}).status()),
              HasSubstr("--fault must"));
  EXPECT_THAT(
      Message(ParseBehavior("database", {.load_factor = "nan"}).status()),
      HasSubstr("--load-factor must"));
}

TEST(ParseBehaviorTest, TakesOptionsOfTheTarget) {
  const auto request =
      ParseBehavior("database", {.options = {"replicas=2", "slow_by=default"}});
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->behavior().database().replicas(), 2U);
  EXPECT_THAT(request->update_mask().paths(),
              ElementsAre("database.replicas", "database.slow_by"));
  EXPECT_THAT(
      Message(ParseBehavior("database", {.options = {"replica=2"}}).status()),
      AllOf(HasSubstr("--set"), HasSubstr("replicas")));
  EXPECT_THAT(
      Message(
          ParseBehavior("database", {.options = {"replicas=two"}}).status()),
      HasSubstr("whole number"));
}

}  // namespace
}  // namespace perfrig
