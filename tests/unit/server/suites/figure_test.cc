#include "server/suites/figure.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace perfrig::suites {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;

v1::Suite ShopSuite() {
  v1::Suite suite;
  const bool read = google::protobuf::TextFormat::ParseFromString(
      R"pb(
        name: "suites/shop"
        tests {
          name: "cold"
          calls {}
        }
        tests {
          name: "warm"
          calls {
            name: "find"
            observe {
              name: "gap"
              path: "abs(response.latency_ms * 1ms - call.service)"
            }
            observe { name: "pace" path: "response.rows / call.latency" }
          }
          calls { name: "buy" }
        }
      )pb",
      &suite);
  EXPECT_TRUE(read);
  return suite;
}

struct Answer {
  std::string text;
  std::string error;
};

// In test "warm", each metric being worth 0.02.
Answer Shown(std::string_view expression) {
  const v1::Suite suite = ShopSuite();
  auto figure = Figure::Parse(expression);
  if (!figure.ok()) return {"", std::string(figure.status().message())};
  const absl::Status status = figure->Resolve(suite, suite.tests(1));
  if (!status.ok()) return {"", std::string(status.message())};
  const auto value = figure->Evaluate([](const MetricRef&) {
    return MetricValue{0.02, 1};
  });
  return {value ? figure->Text(*value) : "nothing", ""};
}

TEST(FigureTest, IsShownInTheUnitOfWhatItCalculates) {
  EXPECT_EQ(Shown("latency.p50").text, "20 ms");
  EXPECT_EQ(Shown("latency.p50 - cold.latency.p50").text, "0 s");
  EXPECT_EQ(Shown("errors.rate").text, "2 %");
  EXPECT_EQ(Shown("cold.latency.p50 / latency.p50").text, "1");
  EXPECT_EQ(Shown("find.gap.p95 * 2").text, "40 ms");
  EXPECT_EQ(Shown("pace.avg").text, "0.02/s");
  EXPECT_EQ(Shown("latency.p50 / (gap.avg - gap.avg)").text, "nothing");
}

TEST(FigureTest, ComparesNothing) {
  EXPECT_EQ(Shown("latency.p50 < 1ms").error,
            "column 13: compares nothing; put what must hold into expect");
  EXPECT_THAT(Shown("5ms").error, HasSubstr("names no metric"));
  EXPECT_THAT(Shown("latency.p50 + errors.rate").error,
              HasSubstr("latency.p50 is a time, errors.rate is a share"));
  EXPECT_THAT(Shown("latency.p50 latency.p50").error,
              HasSubstr("expected the end"));
}

TEST(FigureTest, WhatIsShownOfOtherTestsIsNamed) {
  v1::Suite suite = ShopSuite();
  suite.mutable_tests(1)->add_expect("latency.p50 < 1s");
  suite.mutable_tests(1)->add_show("cold.latency.p50 / latency.p50");

  const auto named = FiguresNamed(suite, suite.tests(1));

  ASSERT_TRUE(named.ok()) << named.status();
  EXPECT_THAT(*named, ElementsAre(Field(&MetricRef::test, ""),
                                  Field(&MetricRef::test, "cold"),
                                  Field(&MetricRef::test, "")));
}

TEST(MetricFamilyTest, NamesHaveAsManyPartsAsTheyNeed) {
  EXPECT_EQ(Shown("phase.database.p99.9").text, "20 ms");
  EXPECT_EQ(Shown("find.phase.database.avg").text, "20 ms");
  EXPECT_EQ(Shown("cold.phase.queue.max").text, "20 ms");
  EXPECT_EQ(Shown("target.config.cache.hit_rate").text, "2 %");
  EXPECT_EQ(Shown("cold.target.cache.state.l1.sum").text, "0.02");
  EXPECT_EQ(Shown("target.echo.status.NOT_FOUND / calls.ok").text, "1");
  EXPECT_EQ(Shown("target.echo.calls.per_second").text, "0.02/s");
  EXPECT_EQ(Shown("target.cache.cache.bytes").text, "0.02 B");
}

TEST(MetricFamilyTest, RefusesNamesThatMeanNothing) {
  EXPECT_THAT(Shown("phase.database").error,
              HasSubstr("phase.database needs an aggregate"));
  EXPECT_THAT(Shown("phase.a.b.p50").error,
              HasSubstr("a phase is written phase.NAME.AGGREGATE"));
  EXPECT_EQ(Shown("1 + target.confg.calls").error,
            "column 5: there is no target \"confg\" (did you mean config?)");
  EXPECT_THAT(Shown("target.config.cache.hit_rat").error,
              AllOf(HasSubstr("a target has no statistic"),
                    HasSubstr("did you mean cache.hit_rate?")));
  EXPECT_THAT(Shown("target.config").error,
              HasSubstr("is written target.NAME.STATISTIC"));
  EXPECT_THAT(Shown("find.target.config.calls").error,
              HasSubstr("is of the whole test"));
}

TEST(MetricFamilyTest, TargetsOfOthersMayHaveAnyName) {
  v1::Suite suite = ShopSuite();
  suite.add_targets("host:1");
  auto figure = Figure::Parse("target.mine.calls");
  ASSERT_TRUE(figure.ok());

  EXPECT_TRUE(figure->Resolve(suite, suite.tests(1)).ok());
}

}  // namespace
}  // namespace perfrig::suites
