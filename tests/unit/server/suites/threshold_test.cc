#include "server/suites/threshold.h"

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace perfrig::suites {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

v1::Suite ShopSuite() {
  v1::Suite suite;
  const bool read = google::protobuf::TextFormat::ParseFromString(
      R"pb(
        name: "suites/shop"
        tests {
          name: "cold"
          calls { observe { name: "hits" path: "response.hits" } }
        }
        tests {
          name: "10_users-warm"
          calls {
            name: "find"
            observe { name: "gap" path: "call.latency" }
          }
          calls {
            name: "buy"
            observe { name: "items" path: "response.items" }
          }
        }
      )pb",
      &suite);
  EXPECT_TRUE(read);
  return suite;
}

Threshold Parsed(std::string_view text) {
  auto threshold = Threshold::Parse(text);
  EXPECT_TRUE(threshold.ok()) << text << ": " << threshold.status();
  return *std::move(threshold);
}

std::string ParseError(std::string_view text) {
  return std::string(Threshold::Parse(text).status().message());
}

// Against test number `test` of ShopSuite.
std::string CheckError(std::string_view text, int test) {
  const v1::Suite suite = ShopSuite();
  auto threshold = Threshold::Parse(text);
  if (!threshold.ok()) return std::string(threshold.status().message());
  return std::string(
      CheckMetrics(*threshold, suite, suite.tests(test)).message());
}

std::string Show(const MetricRef& ref) {
  return absl::StrCat(ref.suite, "|", ref.test, "|", ref.step, "|", ref.metric,
                      "|", ref.aggregate, "@", ref.offset);
}

std::string Resolved(std::string_view text, int test) {
  const v1::Suite suite = ShopSuite();
  Threshold threshold = Parsed(text);
  const absl::Status status = threshold.Resolve(suite, suite.tests(test));
  if (!status.ok()) return std::string(status.message());
  return Show(threshold.metrics()[0]);
}

using Figures = std::map<std::string, MetricValue>;

// Figures by "metric.aggregate", with the test before it.
MetricLookup LookUp(const Figures& figures) {
  return [&figures](const MetricRef& ref) {
    std::string name =
        absl::StrCat(ref.test, ref.test.empty() ? "" : ".", ref.metric,
                     ref.aggregate.empty() ? "" : ".", ref.aggregate);
    const auto found = figures.find(name);
    return found == figures.end() ? MetricValue() : found->second;
  };
}

struct Case {
  std::string text;
  bool holds;
};

TEST(Threshold, HoldsByItsComparison) {
  const Figures figures = {{"latency.p95", {0.020, 1000}},
                           {"errors.rate", {0.0, 1000}},
                           {"throughput", {1000.0, 1000}},
                           {"bytes.sent", {1536.0, 1000}},
                           {"success.rate", {0.123, 1000}}};
  const Case cases[] = {
      {"latency.p95 < 20.001ms", true},
      {"latency.p95 < 20ms", false},
      {"latency.p95 <= 20ms", true},
      {"latency.p95 == 20000us", true},
      {"latency.p95 == 20000\u00b5s", true},
      {"latency.p95 != 20000000ns", false},
      {"latency.p95 > 0", true},
      {"latency.p95 >= 0.02s", true},
      {"latency.p95 < 1m", true},
      {"latency.p95 < 1h", true},
      {"errors.rate == 0", true},
      {"success.rate == 12.3%", true},
      {"success.rate > 0.2", false},
      {"throughput >= 1000/s", true},
      {"throughput >= 1e3", true},
      {"throughput == 60000/m", true},
      {"bytes.sent == 1.5KiB", true},
      {"bytes.sent < 2KB", true},
      {"bytes.sent < 2000", true},
      {"20ms >= latency.p95", true},
      {"20ms < latency.p95", false},
  };
  for (const Case& c : cases) {
    const Evaluation result = Parsed(c.text).Evaluate(LookUp(figures), 0);

    EXPECT_TRUE(result.measured) << c.text;
    EXPECT_EQ(result.holds, c.holds) << c.text;
  }
}

TEST(Threshold, CalculatesByTheUsualPrecedence) {
  const Figures figures = {{"a.elapsed", {8.0, 1}}, {"elapsed", {2.0, 1}}};
  const std::pair<std::string, double> cases[] = {
      {"elapsed + 2 * elapsed > 0", 6},
      {"(elapsed + 2s) * 3 > 0", 12},
      {"a.elapsed - elapsed - 1s > 0", 5},
      {"a.elapsed / elapsed / 2 > 0", 2},
      {"a.elapsed / (elapsed / 2s) > 0", 8},
      {"-elapsed + 5s > 0", 3},
      {"abs(elapsed - a.elapsed) > 0", 6},
      {"min(a.elapsed, elapsed, 1s) > 0", 1},
      {"max(a.elapsed, elapsed) * 2 > 0", 16},
      {"50% * a.elapsed > 0", 4},
      {"--elapsed > 0", 2},
  };
  for (const auto& [text, value] : cases) {
    const Evaluation result = Parsed(text).Evaluate(LookUp(figures), 0);

    EXPECT_TRUE(result.measured) << text;
    EXPECT_DOUBLE_EQ(result.observed, value) << text;
  }
}

TEST(Threshold, WithoutAFigureIsNotMeasured) {
  const Figures figures = {{"latency.p50", {0.02, 100}},
                           {"calls.failed", {0.0, 100}}};
  for (const char* text :
       {"lag.p50 < 1ms", "latency.p50 / lag.p50 > 1",
        "max(latency.p50, lag.p50) < 1s", "latency.p50 < 2 * lag.p50",
        "latency.p50 / calls.failed < 1s"}) {
    const Evaluation result = Parsed(text).Evaluate(LookUp(figures), 0);

    EXPECT_FALSE(result.measured) << text;
    EXPECT_FALSE(result.holds) << text;
  }
}

TEST(Threshold, MissesWhereDroppedCallsMakeAPercentileInfinite) {
  const double infinite = std::numeric_limits<double>::infinity();
  const Figures figures = {{"latency.p99", {infinite, 1000}}};

  const Evaluation result =
      Parsed("latency.p99 < 1h").Evaluate(LookUp(figures), 0);

  EXPECT_TRUE(result.measured);
  EXPECT_FALSE(result.holds);
}

TEST(Threshold, SaysHowManySamplesItsPercentilesNeed) {
  const std::pair<std::string, std::uint64_t> cases[] = {
      {"latency.p50 < 1s", 6},      {"latency.p90 < 1s", 36},
      {"latency.p95 < 1s", 72},     {"latency.p99 < 1s", 368},
      {"latency.p99.9 < 1s", 3688}, {"latency.p99.99 < 1s", 36887},
      {"latency.p10 < 1s", 36},     {"latency.avg < 1s", 0},
      {"errors.rate == 0", 0},
  };
  const MetricLookup lookup = [](const MetricRef&) {
    return MetricValue{0.5, 5};
  };
  for (const auto& [text, needed] : cases) {
    const Evaluation result = Parsed(text).Evaluate(lookup, 0);

    EXPECT_EQ(result.samples_needed, needed) << text;
    EXPECT_EQ(result.samples, needed == 0 ? 0 : 5) << text;
    EXPECT_EQ(Parsed(text).Evaluate(lookup, 3).samples_needed,
              needed == 0 ? 0 : 3)
        << text;
  }
}

TEST(Threshold, NamesThePercentileThatLacksTheMost) {
  const Figures figures = {{"a.latency.p50", {0.02, 5}},
                           {"latency.p99", {0.03, 300}}};

  const Evaluation result =
      Parsed("a.latency.p50 / latency.p99 < 1").Evaluate(LookUp(figures), 0);

  EXPECT_EQ(result.samples, 300);
  EXPECT_EQ(result.samples_needed, 368);
}

TEST(Threshold, SplitsNamesByBuiltInMetrics) {
  const std::pair<std::string, std::string> cases[] = {
      {"latency.p95 < 1s", "|||latency|p95@0"},
      {"latency.p99.9 < 1s", "|||latency|p99.9@0"},
      {"throughput > 1", "|||throughput|@0"},
      {"1 < throughput", "|||throughput|@4"},
      {"calls.failed == 0", "|||calls.failed|@0"},
      {"cold.availability > 99%", "|cold||success|rate@0"},
      {"cold.calls.failed == 0", "|cold||calls.failed|@0"},
      {"status.OK.count > 1", "|||status.OK|count@0"},
      {"bytes.received.per_second > 1MB/s", "|||bytes.received|per_second@0"},
      {"t-1.find.latency.p50 < 1s", "|t-1|find|latency|p50@0"},
      {"shop/cold.latency.p50 < 1s", "shop|cold||latency|p50@0"},
      {"10_users.latency.p50 < 1s", "|10_users||latency|p50@0"},
      {"hits.rate > 95%", "|||hits|rate@0"},
      {"cold.hits.p99.99 > 1", "|cold||hits|p99.99@0"},
  };
  for (const auto& [text, ref] : cases) {
    EXPECT_EQ(Show(Parsed(text).metrics()[0]), ref) << text;
  }
}

TEST(Threshold, ResolvesNamesByTheSuite) {
  EXPECT_EQ(Resolved("hits.rate > 95%", 0), "|||hits|rate@0");
  EXPECT_EQ(Resolved("cold.hits.rate > 95%", 0), "|||hits|rate@0");
  EXPECT_EQ(Resolved("cold.hits.rate > 95%", 1), "|cold||hits|rate@0");
  EXPECT_EQ(Resolved("buy.items.avg > 2", 1), "||buy|items|avg@0");
  EXPECT_EQ(Resolved("buy.latency.p50 < 1s", 1), "||buy|latency|p50@0");
  EXPECT_EQ(Resolved("10_users-warm.buy.latency.p50 < 1s", 0),
            "|10_users-warm|buy|latency|p50@0");
  EXPECT_EQ(Resolved("shop/cold.hits.rate > 1%", 1), "|cold||hits|rate@0");
  EXPECT_EQ(Resolved("other/any.hits.p50 < 1s", 1), "other|any||hits|p50@0");
  EXPECT_EQ(Resolved("gap.p95 < 5ms", 1), "|||gap|p95@0");
}

TEST(Threshold, KnowsItsUnit) {
  const std::pair<std::string, Unit> cases[] = {
      {"latency.p95 < 1s", Unit::kSeconds},
      {"1s > latency.p95", Unit::kSeconds},
      {"throughput > 5", Unit::kPerSecond},
      {"calls.ok.per_second > 5/s", Unit::kPerSecond},
      {"bytes.sent > 5", Unit::kBytes},
      {"bytes.sent / elapsed > 5KB/s", Unit::kBytesPerSecond},
      {"latency.p50 / service.p50 < 2", Unit::kNone},
      {"latency.avg * throughput < 20", Unit::kNone},
      {"latency.count > 5", Unit::kNone},
  };
  for (const auto& [text, unit] : cases) {
    EXPECT_EQ(Parsed(text).unit(), unit) << text;
  }
}

TEST(Threshold, KnowsWhetherPeopleReadItInPercent) {
  EXPECT_TRUE(Parsed("errors.rate == 0").is_share());
  EXPECT_TRUE(Parsed("availability > 0.99").is_share());
  EXPECT_TRUE(Parsed("calls.failed / calls.planned < 1%").is_share());
  EXPECT_FALSE(Parsed("calls.failed < 1").is_share());
  EXPECT_FALSE(Parsed("latency.p50 / lag.p50 > 10").is_share());
}

TEST(Threshold, KnowsWhichSideBounds) {
  EXPECT_TRUE(Parsed("latency.p50 < 1s").upper_bound());
  EXPECT_TRUE(Parsed("1s >= latency.p50").upper_bound());
  EXPECT_FALSE(Parsed("throughput > 1").upper_bound());
  EXPECT_FALSE(Parsed("errors.rate == 0").upper_bound());
}

TEST(Threshold, KnowsItsWindow) {
  EXPECT_EQ(Parsed("latency.p95 < 1s").window(), 0);
  EXPECT_EQ(Parsed("latency.p95 < 1s in every 10s").window(), 10 * kSecond);
  EXPECT_EQ(Parsed("throughput > 500 in every 1m").window(), 60 * kSecond);
}

TEST(CheckOnline, RefusesWhatIsKnownOnlyLater) {
  EXPECT_TRUE(CheckOnline(Parsed("latency.p95 < 1s")).ok());
  for (const char* text :
       {"other.latency.p95 < 1s", "s/other.latency.p95 < 1s",
        "connect.max < 1s", "elapsed < 1s", "reconnects == 0"}) {
    EXPECT_THAT(std::string(CheckOnline(Parsed(text)).message()),
                HasSubstr("column 1: "))
        << text;
  }
}

TEST(Threshold, RefusesWhatIsNoThreshold) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "column 1: expected a metric or a number, got the end"},
      {"latency.p95", "column 12: expected a comparison such as < 100ms"},
      {"latency.p95 < ", "column 15: expected a metric or a number"},
      {"latency.p95 < 100 ms", "column 15: write 100ms without a space"},
      {"latency.p95 < 1e400s", "column 15: 1e400s is out of range"},
      {"latency.p95 < 100msec", "column 15: unknown unit \"msec\""},
      {"latency.p95 = 100ms", "column 13: a comparison is written =="},
      {"0s < latency.p95 < 1s", "column 18: one comparison only"},
      {"lag.p5 < 1s && lag.p9 < 2s", "column 13: one comparison only"},
      {"latency.p95 < (1s", "column 18: expected ), got the end"},
      {"latency.p95 < 1s)", "column 17: expected the end, got \")\""},
      {"1 < 2", "column 1: names no metric"},
      {"latency.p50/2 < 1s", "column 1: put spaces around /"},
      {"2/latency.p50 < 1s", "column 1: put spaces around /"},
      {"latency.p50-1ms < 1s", "column 1: put spaces around -"},
      {"avg(latency.p50) < 1s", "column 1: unknown function \"avg\""},
      {"abs(lag.p50, lag.p9) < 1s", "column 12: expected ), got \",\""},
      {"a..latency.p50 < 1s", "column 1: \"a..latency.p50\" has an empty part"},
      {"a.b.c.d.latency.p50 < 1s", "has more parts than"},
      {"lag[0].p50 < 1s", "column 1: a metric's name has no brackets"},
      {"latency.p50 < .5s", "column 15: a number starts with a digit"},
      {"latency.p50 < \"x", "column 15: the quote is not closed"},
      {"latency.p50 < \"x\"", "column 15: expected a metric or a number"},
      {"latency.p50 < 1s #", "column 18: unexpected character '#'"},
      {"latency.p50 < 1e999s", "column 15"},
      {"latency.p50 < 1s in 10s", "column 21: expected every, got \"10s\""},
      {"latency.p50 < 1s in every", "expected a time such as 10s, got the end"},
      {"latency.p50 < 1s in every 5%", "expected a time such as 10s"},
      {"latency.p50 < 1s in every 1.5s",
       "column 27: a window is whole seconds, 1s to 1h, got 1.5s"},
      {"latency.p50 < 1s in every 2h", "a window is whole seconds"},
      {"latency.p50 < 1s in every 5s 6s", "expected the end, got \"6s\""},
  };
  for (const auto& [text, error] : cases) {
    EXPECT_THAT(ParseError(text), HasSubstr(error)) << text;
  }
}

TEST(Threshold, RefusesWhatIsTooLongOrTooDeep) {
  EXPECT_THAT(ParseError(std::string(1'001, ' ')),
              HasSubstr("must be at most 1000 characters"));
  EXPECT_THAT(ParseError(std::string(60, '(') + "lag.p50"),
              HasSubstr("column 51: more than 50 levels deep"));
  EXPECT_THAT(ParseError(std::string(900, '-') + "lag.p50 < 0"),
              HasSubstr("levels deep"));
}

TEST(Threshold, RefusesUnitsThatDoNotFit) {
  const std::pair<std::string, std::string> cases[] = {
      {"latency.p95 < 5%",
       "column 15: latency.p95 is a time, 5% is a share; write a time such as "
       "100ms"},
      {"latency.p95 < 100", "column 15: latency.p95 is a time, 100 is a plain"},
      {"throughput > 5ms", "write a rate such as 500/s"},
      {"throughput > 5%", "throughput is a rate per second, 5% is a share"},
      {"errors.rate < 1/s", "errors.rate is a share, 1/s is a rate"},
      {"calls.failed < 1%", "calls.failed is a count, 1% is a share"},
      {"bytes.sent < 1s", "write a size such as 10MB"},
      {"latency.p50 + throughput > 1s", "column 15: latency.p50 is a time"},
      {"latency.p50 / lag.p50 < 1ms", "is a plain number, 1ms is a time"},
      {"latency.p50 * latency.p50 < 1s", "is in a unit of its own"},
      {"max(lag.p50, 5%) < 1s", "lag.p50 is a time, 5% is a share"},
  };
  for (const auto& [text, error] : cases) {
    EXPECT_THAT(ParseError(text), HasSubstr(error)) << text;
  }
}

TEST(CheckMetrics, AcceptsWhatIsThere) {
  for (const char* text :
       {"latency.p95 < 1s", "cold.latency.p50 / latency.p50 > 10",
        "hits.p95 < 5", "cold.hits.rate > 95%", "hits.sum < 1MB",
        "hits.per_second > 3/s", "find.gap.p95 < 5ms", "gap.avg < 5ms",
        "buy.errors.rate < 1%", "connect.p95 < 10ms", "reconnects == 0",
        "status.NOT_FOUND.rate < 1%", "messages.sent.per_second > 5",
        "elsewhere/cold.anything.p50 < 5ms", "availability > 99.9%"}) {
    const bool own = std::string_view(text).starts_with("hits");
    EXPECT_THAT(CheckError(text, own ? 0 : 1), IsEmpty()) << text;
  }
}

TEST(CheckMetrics, NamesTheNearestRightName) {
  struct Wrong {
    std::string text;
    std::string error;
    std::string near;
  };
  const Wrong cases[] = {
      {"latncy.p95 < 1s", "column 1: unknown metric \"latncy\"", "latency"},
      {"1s > latncy.p95", "column 6: unknown metric \"latncy\"", "latency"},
      {"itms.avg < 3", "unknown metric \"itms\"", "items"},
      {"calls.faild == 0", "unknown metric \"calls.faild\"", "calls.failed"},
      {"status.NOTFOUND.count == 0", "unknown metric", "status.NOT_FOUND"},
      {"latency.mean < 1s", "unknown aggregate \"mean\" of latency",
       "latency.p50"},
      {"latency.p100 < 1s", "unknown aggregate \"p100\"", ""},
      {"find.latency.mean < 1s", "unknown aggregate \"mean\" of latency", ""},
      {"cold.latency.mean < 1s", "unknown aggregate \"mean\" of latency", ""},
      {"latency.rate > 1%", "unknown aggregate \"rate\" of latency", ""},
      {"latency.avg.avg < 1s", "latency.avg takes no further aggregate", ""},
      {"latency < 1s", "latency needs an aggregate", "latency.p95"},
      {"throughput.p95 > 1", "throughput takes no aggregate, got p95", ""},
      {"availability.p95 > 1", "availability takes no aggregate", ""},
      {"errors == 0", "errors needs an aggregate", "errors.rate"},
      {"colt.latency.p50 < 1s", "unknown test, group or step \"colt\"", "cold"},
      {"fond.latency.p50 < 1s", "unknown test, group or step \"fond\"", "find"},
      {"10_users-warm.fnd.latency.p50 < 1s", "has no step \"fnd\"", "find"},
      {"cold.find.latency.p50 < 1s", "\"cold\" has no step \"find\"", ""},
      {"buy.gap.p50 < 1s", "unknown metric \"gap\"", ""},
      {"buy.connect.p50 < 1s", "connect is of the whole test", ""},
      {"shop/colt.latency.p50 < 1s", "unknown test, group or step \"colt\"",
       "cold"},
      {"other/any.throughput.p50 < 1/s", "throughput takes no aggregate", ""},
      {"items.avg < 3ms", "items.avg is a plain number, 3ms is a time", ""},
  };
  for (const Wrong& c : cases) {
    EXPECT_THAT(CheckError(c.text, 1),
                AllOf(HasSubstr(c.error), HasSubstr(c.near)))
        << c.text;
  }
}

TEST(ImpliedThreshold, IsAddedUnlessTheTestSpeaksOfErrors) {
  const std::pair<std::string, bool> cases[] = {
      {"latency.p95 < 1s", true},
      {"cold.errors.rate == 0", true},
      {"other/x.errors.rate == 0", true},
      {"errors.rate < 5%", false},
      {"1% > errors.rate", false},
      {"success.rate > 95%", false},
      {"availability > 95%", false},
      {"calls.failed < 3", false},
      {"status.UNAVAILABLE.count > 3", false},
      {"find.errors.rate < 5%", false},
      {"10_users-warm.errors.rate < 5%", false},
  };
  for (const auto& [text, implied] : cases) {
    v1::Test test = ShopSuite().tests(1);
    test.add_expect(text);

    EXPECT_EQ(ImpliedThreshold(test).value_or(""),
              implied ? "errors.rate == 0" : "")
        << text;
  }
}

TEST(ImpliedThreshold, IsNotAddedWhereErrorsEndTheTest) {
  v1::Test test;
  test.add_abort_on_fail("errors.rate < 10%");

  EXPECT_FALSE(ImpliedThreshold(test).has_value());
}

v1::Test TestOfGroups() {
  v1::Test test;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        name: "both"
        groups {
          name: "slow"
          calls { observe { name: "gap" path: "call.latency" } }
        }
        groups {
          name: "fast"
          calls { name: "find" }
          calls { name: "buy" }
        }
      )pb",
      &test));
  return test;
}

TEST(CheckMetrics, KnowsGroupsAndTheirSteps) {
  v1::Suite suite = ShopSuite();
  *suite.add_tests() = TestOfGroups();
  const v1::Test& own = suite.tests(2);
  const auto resolved = [&](std::string_view text, const v1::Test& test) {
    Threshold threshold = Parsed(text);
    EXPECT_TRUE(threshold.Resolve(suite, test).ok()) << text;
    return threshold.metrics().front();
  };

  EXPECT_EQ(resolved("fast.latency.p95 < 1s", own).step, "fast");
  EXPECT_EQ(resolved("fast.find.latency.p95 < 1s", own).step, "fast.find");
  EXPECT_EQ(resolved("both.fast.buy.latency.p95 < 1s", own).test, "");
  EXPECT_EQ(resolved("both.fast.latency.p95 < 1s", suite.tests(0)).step,
            "fast");
  EXPECT_EQ(resolved("both.fast.find.late == 0", suite.tests(0)).test, "both");
  EXPECT_EQ(resolved("slow.gap.p95 < 5ms", own).step, "slow");
  for (const char* wrong :
       {"fast.gap.p95 < 1s", "slow.find.latency.p95 < 1s",
        "both.find.latency.p95 < 1s", "fast.bye.latency.p95 < 1s"}) {
    EXPECT_FALSE(CheckMetrics(Parsed(wrong), suite, own).ok()) << wrong;
  }
}

TEST(ImpliedThreshold, IsNotAddedWhereAGroupSpeaksOfErrors) {
  v1::Test test = TestOfGroups();
  test.add_expect("fast.latency.p95 < 1s");
  EXPECT_TRUE(ImpliedThreshold(test).has_value());

  test.add_expect("fast.find.errors.rate < 5%");
  EXPECT_FALSE(ImpliedThreshold(test).has_value());
}

TEST(ImpliedThreshold, IsNotAddedWhereOtherStatusesAreExpected) {
  v1::Test test = ShopSuite().tests(1);
  test.mutable_calls(1)->mutable_check()->add_status("OK");
  EXPECT_TRUE(ImpliedThreshold(test).has_value());

  test.mutable_calls(1)->mutable_check()->add_status("NOT_FOUND");
  EXPECT_FALSE(ImpliedThreshold(test).has_value());
}

TEST(FormatValue, IsWhatPeopleRead) {
  struct Shown {
    double value;
    Unit unit;
    std::string text;
  };
  const Shown cases[] = {
      {0.0123, Unit::kSeconds, "12.3 ms"},
      {0, Unit::kSeconds, "0 s"},
      {1.5, Unit::kSeconds, "1.5 s"},
      {3600, Unit::kSeconds, "3,600 s"},
      {0.1, Unit::kSeconds, "100 ms"},
      {0.00012345, Unit::kSeconds, "123 \u00b5s"},
      {15e-9, Unit::kSeconds, "15 ns"},
      {0.0009999, Unit::kSeconds, "1 ms"},
      {-0.0877, Unit::kSeconds, "-87.7 ms"},
      {1.5e6, Unit::kBytes, "1.5 MB"},
      {999, Unit::kBytes, "999 B"},
      {0, Unit::kBytes, "0 B"},
      {1234567890, Unit::kBytes, "1.23 GB"},
      {5e6, Unit::kBytesPerSecond, "5 MB/s"},
      {1000, Unit::kPerSecond, "1,000/s"},
      {999.6, Unit::kPerSecond, "1,000/s"},
      {12.34, Unit::kPerSecond, "12.3/s"},
      {1234567, Unit::kNone, "1,234,567"},
      {12.345, Unit::kNone, "12.3"},
      {0.00123, Unit::kNone, "0.00123"},
      {10, Unit::kNone, "10"},
      {std::numeric_limits<double>::infinity(), Unit::kSeconds, "infinite"},
  };
  for (const Shown& c : cases) {
    EXPECT_EQ(FormatValue(c.value, c.unit), c.text) << c.value;
  }
}

TEST(FormatValue, NeverRoundsAShareToAllOrNothing) {
  EXPECT_EQ(FormatValue(0.992, Unit::kNone, true), "99.2 %");
  EXPECT_EQ(FormatValue(1, Unit::kNone, true), "100 %");
  EXPECT_EQ(FormatValue(0, Unit::kNone, true), "0 %");
  EXPECT_EQ(FormatValue(0.99996, Unit::kNone, true), "99.996 %");
  EXPECT_EQ(FormatValue(0.0001, Unit::kNone, true), "0.01 %");
}

TEST(MetricsCatalog, ReservesNamesThatWouldBeMistaken) {
  for (const char* name :
       {"latency", "calls", "status", "errors", "p95", "avg", "rate"}) {
    EXPECT_TRUE(IsReservedName(name)) << name;
  }
  EXPECT_FALSE(IsReservedName("cache_hit"));
}

TEST(MetricsCatalog, KnowsPercentiles) {
  EXPECT_DOUBLE_EQ(*QuantileOf("p99.99"), 0.9999);
  for (const char* text : {"p", "p0", "p100", "p9x", "p99.", "avg", ""}) {
    EXPECT_FALSE(QuantileOf(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace perfrig::suites
