#include "server/runs/selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "common/status/details.h"
#include "google/protobuf/util/time_util.h"

namespace perfrig::runs {
namespace {

using google::protobuf::util::TimeUtil;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

v1::Suite ThreeTests() {
  v1::Suite suite;
  suite.set_name("suites/s");
  suite.add_tags("all");
  for (const char* name : {"cold", "warm", "ratio"}) {
    v1::Test& test = *suite.add_tests();
    test.set_name(name);
    test.add_calls()->set_method("local:noop");
    test.mutable_load()->set_users(2);
    test.mutable_load()->set_iterations(10);
  }
  suite.mutable_tests(0)->add_tags("quick");
  suite.mutable_tests(2)->add_expect("cold.latency.p50 / warm.latency.p50 > 1");
  return suite;
}

class SelectionTest : public ::testing::Test {
 protected:
  SelectionTest() : catalog_("", {}, {{"noop", nullptr}}) {
    *request_.add_inline_suites() = ThreeTests();
  }

  std::vector<std::string> Names() {
    std::vector<std::string> names;
    const auto selected = Select(request_, catalog_);
    if (!selected.ok()) return {selected.status().ToString()};
    for (const auto& chosen : *selected) {
      for (const auto& test : chosen.suite.tests()) {
        names.push_back(test.name() + (chosen.needed.contains(test.name())
                                           ? " (needed)"
                                           : ""));
      }
    }
    return names;
  }

  suites::Catalog catalog_;
  v1::StartRunRequest request_;
};

TEST_F(SelectionTest, TakesAllTestsInTheOrderOfTheFile) {
  EXPECT_THAT(Names(), ElementsAre("cold", "warm", "ratio"));
}

TEST_F(SelectionTest, PicksByGlobAndByTag) {
  request_.add_tests("*o*");
  EXPECT_THAT(Names(), ElementsAre("cold", "warm (needed)", "ratio"));

  request_.clear_tests();
  request_.add_tags("all");
  request_.add_tags("!quick");
  EXPECT_THAT(Names(), ElementsAre("cold (needed)", "warm", "ratio"));
}

TEST_F(SelectionTest, AddsTestsThatThresholdsName) {
  request_.add_tests("ratio");

  EXPECT_THAT(Names(), ElementsAre("cold (needed)", "warm (needed)", "ratio"));
}

TEST_F(SelectionTest, EachSuiteHasTheVariablesOfItsSenderOnly) {
  suites::Catalog catalog("", {{"OPERATOR", "o"}, {"BOTH", "o"}},
                          {{"noop", nullptr}});
  request_.add_suites("quickstart");
  request_.add_tests("cold");
  request_.add_tests("echo_round_trip");
  (*request_.mutable_variables())["BOTH"] = "c";

  const auto selected = Select(request_, catalog);

  ASSERT_TRUE(selected.ok()) << selected.status();
  ASSERT_EQ(selected->size(), 2U);
  EXPECT_THAT((*selected)[0].supplied.variables,
              ElementsAre(Pair("BOTH", "c")));
  EXPECT_THAT((*selected)[1].supplied.variables,
              ElementsAre(Pair("BOTH", "c"), Pair("OPERATOR", "o")));
}

TEST_F(SelectionTest, AVariableThatIsNotSetIsRefusedBeforeTheRun) {
  v1::Test& test = *request_.mutable_inline_suites(0)->mutable_tests(0);
  test.mutable_calls(0)->add_data(R"({"a": "{{env TOKEN}}"})");

  EXPECT_THAT(Names(), ElementsAre(HasSubstr("variable TOKEN is not set")));

  (*request_.mutable_variables())["TOKEN"] = "t";
  EXPECT_THAT(Names(), ElementsAre("cold", "warm", "ratio"));
}

TEST_F(SelectionTest, ASelectionThatMatchesNothingIsAnError) {
  request_.add_tests("ratoi");

  const auto selected = Select(request_, catalog_);

  EXPECT_TRUE(absl::IsNotFound(selected.status()));
  EXPECT_THAT(std::string(selected.status().message()),
              HasSubstr("did you mean ratio"));
  EXPECT_EQ(ResourceOf(selected.status())->resource_type(), "perfrig.v1.Test");
  EXPECT_EQ(ResourceOf(selected.status())->resource_name(), "ratoi");
}

TEST_F(SelectionTest, AnUnknownSuiteIsNamed) {
  request_.add_suites("quikstart");

  const absl::Status status = Select(request_, catalog_).status();

  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_EQ(ResourceOf(status)->resource_type(), "perfrig.v1.Suite");
  EXPECT_EQ(ResourceOf(status)->resource_name(), "quikstart");
}

TEST_F(SelectionTest, RefusesABrokenSuiteWithAllItsProblems) {
  request_.mutable_inline_suites(0)->mutable_tests(0)->set_name("no good");
  request_.mutable_inline_suites(0)->mutable_tests(1)->mutable_load()->set_rate(
      -5);

  const auto selected = Select(request_, catalog_);

  EXPECT_TRUE(absl::IsInvalidArgument(selected.status()));
  EXPECT_THAT(std::string(selected.status().message()), HasSubstr("no good"));
  EXPECT_THAT(std::string(selected.status().message()), HasSubstr("-5"));
}

TEST_F(SelectionTest, OverridesAreCheckedToo) {
  request_.mutable_load()->set_rate(1e12);
  *request_.mutable_load()->mutable_duration() = TimeUtil::SecondsToDuration(1);

  const absl::Status status = Select(request_, catalog_).status();

  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr(request_.inline_suites(0).name() +
                        ": tests.cold.load.rate must be"));
}

TEST_F(SelectionTest, ARateThatIsNoNumberIsNamed) {
  request_.mutable_load()->set_rate(std::nan(""));
  *request_.mutable_load()->mutable_duration() = TimeUtil::SecondsToDuration(1);

  EXPECT_THAT(std::string(Select(request_, catalog_).status().message()),
              ContainsRegex("load.rate must be .*NaN"));
}

TEST_F(SelectionTest, AnOverrideThatNeverEndsSaysWhatToAdd) {
  request_.mutable_load()->set_rate(10);

  EXPECT_THAT(std::string(Select(request_, catalog_).status().message()),
              HasSubstr("tests.warm.load never ends when it is replaced so: "
                        "ask for a duration, too"));
}

TEST_F(SelectionTest, TestsTakeOverWhatTheirSuiteSaysForAll) {
  v1::Suite& suite = *request_.mutable_inline_suites(0);
  v1::Defaults& defaults = *suite.mutable_defaults();
  *defaults.mutable_warmup() = TimeUtil::SecondsToDuration(3);
  defaults.set_rounds(5);
  *defaults.mutable_time_limit() = TimeUtil::SecondsToDuration(70);
  v1::Test& own = *suite.mutable_tests(1);
  *own.mutable_warmup() = TimeUtil::SecondsToDuration(0);
  own.set_rounds(2);
  *own.mutable_time_limit() = TimeUtil::SecondsToDuration(80);

  const auto selected = Select(request_, catalog_);

  ASSERT_TRUE(selected.ok()) << selected.status();
  const v1::Suite& chosen = selected->front().suite;
  EXPECT_EQ(chosen.tests(0).warmup().seconds(), 3);
  EXPECT_EQ(chosen.tests(0).rounds(), 5);
  EXPECT_EQ(chosen.tests(0).time_limit().seconds(), 70);
  EXPECT_EQ(chosen.tests(1).warmup().seconds(), 0);
  EXPECT_EQ(chosen.tests(1).rounds(), 2);
  EXPECT_EQ(chosen.tests(1).time_limit().seconds(), 80);
}

TEST_F(SelectionTest, TheLoadsOfGroupsCannotBeReplaced) {
  v1::Test& test = *request_.mutable_inline_suites(0)->mutable_tests(0);
  v1::Group& group = *test.add_groups();
  group.set_name("all");
  group.mutable_calls()->Swap(test.mutable_calls());
  group.mutable_load()->Swap(test.mutable_load());
  test.clear_load();
  request_.mutable_load()->set_users(3);

  EXPECT_THAT(std::string(Select(request_, catalog_).status().message()),
              HasSubstr("tests." + test.name() +
                        ".groups have loads of their own, which cannot be "
                        "replaced"));
}

TEST(OverrideTest, AnotherModelReplacesTheLoadsOwn) {
  v1::Load closed;
  closed.set_users(10);
  closed.set_iterations(100);
  v1::Load open;
  open.set_rate(50);
  *open.mutable_duration() = TimeUtil::SecondsToDuration(5);

  const v1::Load load = Override(closed, open);

  EXPECT_EQ(load.users(), 0);
  EXPECT_EQ(load.iterations(), 0);
  EXPECT_EQ(load.rate(), 50);
  EXPECT_EQ(load.duration().seconds(), 5);
}

TEST(OverrideTest, OneEndReplacesTheOther) {
  v1::Load closed;
  closed.set_users(10);
  *closed.mutable_duration() = TimeUtil::SecondsToDuration(5);
  v1::Load count;
  count.set_iterations(7);

  const v1::Load load = Override(closed, count);

  EXPECT_FALSE(load.has_duration());
  EXPECT_EQ(load.iterations(), 7);
  EXPECT_EQ(load.users(), 10);
}

v1::SuiteSource Source(const std::string& suite, const std::string& threshold) {
  v1::SuiteSource source;
  source.set_file_name(suite + ".yaml");
  source.set_text("suite: " + suite +
                  "\ntests:\n  t:\n    call: perfrig.target.v1.Echo/Call\n"
                  "    load: {users: 1, iterations: 9}\n    expect: [\"" +
                  threshold + "\"]\n");
  return source;
}

TEST_F(SelectionTest, SuitesSentTogetherMayNameEachOther) {
  request_.clear_inline_suites();
  *request_.add_sources() = Source("a", "b/t.latency.p50 < 3s");
  *request_.add_sources() = Source("b", "a/t.latency.p50 < 3s");

  EXPECT_THAT(Names(), ElementsAre("t", "t"));
}

TEST_F(SelectionTest, RefusesWhatIsNotThereOfAnotherSuite) {
  *request_.add_sources() = Source("a", "b/t.latency.p50 < 3s");
  *request_.add_sources() = Source("b", "a/u.latency.p50 < 3s");
  request_.mutable_inline_suites(0)->mutable_tests(0)->add_expect(
      "a/t.nostep.latency.p50 < 3s");

  const auto selected = Select(request_, catalog_);

  EXPECT_EQ(selected.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(selected.status().message()),
            "b.yaml:6:15: tests.t.expect[0] suite \"a\" has no test \"u\"\n"
            "tests.cold.expect[0] column 1: test \"t\" has no step "
            "\"nostep\"");
}

TEST_F(SelectionTest, AddsATestOfAnotherSuiteOfTheRequest) {
  request_.clear_inline_suites();
  *request_.add_sources() = Source("a", "b/t.latency.p50 < 3s");
  *request_.add_sources() = Source("b", "latency.p50 < 3s");
  request_.mutable_sources(0)->mutable_text()->append("    tags: [only]\n");
  request_.add_tags("only");

  EXPECT_THAT(Names(), ElementsAre("t", "t (needed)"));
}

TEST_F(SelectionTest, AddsATestOfASuiteThatOnlyTheDaemonKnows) {
  request_.clear_inline_suites();
  *request_.add_sources() =
      Source("a", "quickstart/database_closed_loop.latency.p50 < 3s");

  const auto selected = Select(request_, catalog_);

  ASSERT_TRUE(selected.ok()) << selected.status();
  ASSERT_EQ(selected->size(), 2U);
  EXPECT_EQ((*selected)[1].suite.name(), "suites/quickstart");
  EXPECT_THAT(Names(), ElementsAre("t", "database_closed_loop (needed)"));
}

TEST_F(SelectionTest, OverridesHoldForTestsOfOtherSuitesToo) {
  request_.clear_inline_suites();
  *request_.add_sources() =
      Source("a", "quickstart/echo_round_trip.latency.p50 < 3s");
  request_.set_rounds(4);

  const auto selected = Select(request_, catalog_);

  ASSERT_TRUE(selected.ok()) << selected.status();
  EXPECT_EQ((*selected)[1].suite.tests(0).rounds(), 4U);
}

TEST_F(SelectionTest, ASuiteSentReplacesTheDaemonsForThoseThatNameIt) {
  request_.clear_inline_suites();
  *request_.add_sources() = Source("quickstart", "latency.p50 < 3s");
  *request_.add_sources() =
      Source("a", "quickstart/echo_round_trip.latency.p50 < 3s");

  EXPECT_THAT(std::string(Select(request_, catalog_).status().message()),
              HasSubstr("suite \"quickstart\" has no test"));
}

}  // namespace
}  // namespace perfrig::runs
