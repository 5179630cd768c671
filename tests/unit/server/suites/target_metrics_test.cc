#include "server/suites/target_metrics.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/server/suites/suite_text.h"

namespace perfrig::suites {
namespace {

using ::testing::HasSubstr;

std::vector<v1::Target> Targets(const std::string& text) {
  return {FromText<v1::Target>("name: \"targets/config\" " + text)};
}

v1::Observed Read(const std::string& statistic, const std::string& begin,
                  const std::string& end) {
  const auto read = ReadTargetMetric("target.config." + statistic,
                                     Targets(begin), Targets(end));
  EXPECT_TRUE(read.ok()) << read.status();
  return read.value_or(v1::Observed());
}

std::string ErrorOf(const std::string& name, const std::string& end) {
  const auto read = ReadTargetMetric(name, {}, Targets(end));
  return std::string(read.status().message());
}

TEST(TargetMetricsTest, CountsAreDifferences) {
  EXPECT_EQ(
      Read("calls", "statistics { started: 5 }", "statistics { started: 12 }")
          .sum(),
      7);
  EXPECT_EQ(Read("status.NOT_FOUND", "",
                 R"pb(statistics { finished { key: "NOT_FOUND" value: 3 } })pb")
                .sum(),
            3);
  EXPECT_EQ(Read("faults", "",
                 R"pb(statistics {
                        faults { key: "hang" value: 1 }
                        faults { key: "slow" value: 2 }
                      })pb")
                .sum(),
            3);
}

TEST(TargetMetricsTest, OneThatWasResetCountsFromZero) {
  EXPECT_EQ(
      Read("calls", "statistics { started: 50 }", "statistics { started: 12 }")
          .sum(),
      12);
}

TEST(TargetMetricsTest, StateIsThatOfTheEnd) {
  const char* begin =
      R"pb(statistics { in_flight: 9 }
           state {
             fields {
               key: "entries"
               value { number_value: 100 }
             }
           })pb";
  const char* end =
      R"pb(statistics { in_flight: 2 }
           state {
             fields {
               key: "entries"
               value { number_value: 7 }
             }
             fields {
               key: "l1"
               value {
                 struct_value {
                   fields {
                     key: "hits"
                     value { number_value: 5 }
                   }
                 }
               }
             }
             fields {
               key: "s3"
               value { string_value: "host:1" }
             }
           })pb";

  EXPECT_EQ(Read("in_flight", begin, end).mean(), 2);
  EXPECT_EQ(Read("state.entries", begin, end).mean(), 7);
  EXPECT_EQ(Read("state.l1.hits", begin, end).mean(), 5);
  EXPECT_THAT(ErrorOf("target.config.state.entris", end),
              HasSubstr("tells no number \"entris\" of its state (did you mean "
                        "entries?)"));
  EXPECT_THAT(ErrorOf("target.config.state.s3", end), HasSubstr("\"s3\""));
}

TEST(TargetMetricsTest, AHitRateIsThatOfTheTime) {
  const v1::Observed rate =
      Read("cache.hit_rate", "statistics { cache { hits: 10 misses: 90 } }",
           "statistics { cache { hits: 40 misses: 100 } }");

  EXPECT_EQ(rate.mean(), 0.75);
  EXPECT_EQ(rate.count(), 40);
  // Nobody looked anything up: there is no rate.
  EXPECT_EQ(Read("cache.hit_rate", "statistics { cache { hits: 1 } }",
                 "statistics { cache { hits: 1 } }")
                .count(),
            0);
}

TEST(TargetMetricsTest, SaysWhatIsNotThere) {
  EXPECT_THAT(ErrorOf("target.config.pool.waiting", ""),
              HasSubstr("targets/config has no pool.waiting"));
  EXPECT_THAT(ErrorOf("target.other.calls", ""),
              HasSubstr("there is no target \"other\""));
}

}  // namespace
}  // namespace perfrig::suites
