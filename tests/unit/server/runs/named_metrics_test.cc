#include "server/runs/named_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/unit/server/runs/fake_access.h"

namespace perfrig::runs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

SelectedSuite SuiteOf(const std::string& name,
                      const std::vector<std::string>& expect,
                      const std::vector<std::string>& show) {
  SelectedSuite selected;
  selected.suite.set_name("suites/" + name);
  v1::Test& test = *selected.suite.add_tests();
  test.set_name("t");
  test.add_calls()->set_method("local:noop");
  *test.mutable_expect() = {expect.begin(), expect.end()};
  *test.mutable_show() = {show.begin(), show.end()};
  return selected;
}

TEST(NamedMetricsTest, AreThoseOfThresholdsAndOfWhatIsShown) {
  const NamedMetrics named = MetricsNamed(
      {SuiteOf("a", {"phase.work.p50 < 1s", "latency.p50 < 1s"},
               {"target.echo.calls / calls.ok"}),
       SuiteOf("b", {"a/t.target.echo.in_flight == 0"}, {"latency.avg"})});

  EXPECT_THAT(named,
              ElementsAre(Pair(Pair("suites/a", "t"),
                               ElementsAre("phase.work", "target.echo.calls",
                                           "target.echo.in_flight"))));
}

TEST(NamedMetricsTest, EveryCallObservesThePhases) {
  v1::Test test;
  test.add_calls();
  test.add_calls();
  test.add_groups()->add_calls();

  ObservePhases({"phase.work", "target.echo.calls"}, test);

  EXPECT_EQ(test.groups(0).calls(0).observe_size(), 1);
  for (const v1::Call& call : test.calls()) {
    ASSERT_EQ(call.observe_size(), 1);
    EXPECT_EQ(call.observe(0).name(), "phase.work");
    EXPECT_EQ(call.observe(0).path(), "phase.work");
  }
}

TEST(NamedMetricsTest, TargetsAreAskedOverTheMeasuredTime) {
  FakeTargets targets;
  FakeControl control(targets);
  const std::set<std::string> names = {"target.echo.calls"};
  TargetSpan span(names, &control);
  v1::Figures figures;
  targets.calls = 10;
  ASSERT_TRUE(span.Begin().ok());
  targets.calls = 100;
  ASSERT_TRUE(span.Begin().ok());
  targets.calls = 142;

  ASSERT_TRUE(span.End(figures).ok());

  EXPECT_EQ(figures.observed().at("target.echo.calls").sum(), 42);
}

TEST(NamedMetricsTest, ATargetThatTellsNoSuchThingIsAnError) {
  FakeTargets targets;
  FakeControl control(targets);
  const std::set<std::string> names = {"target.echo.state.entries"};
  TargetSpan span(names, &control);
  v1::Figures figures;

  EXPECT_THAT(std::string(span.End(figures).message()),
              HasSubstr("targets/echo tells no number \"entries\""));
}

TEST(NamedMetricsTest, NobodyIsAskedWhereNoTargetIsNamed) {
  const std::set<std::string> names = {"phase.work"};
  TargetSpan span(names, nullptr);
  v1::Figures figures;

  EXPECT_TRUE(span.Begin().ok());
  EXPECT_TRUE(span.End(figures).ok());
  EXPECT_TRUE(figures.observed().empty());
}

}  // namespace
}  // namespace perfrig::runs
