#include "client/views/plan_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace perfrig {
namespace {

using ::testing::HasSubstr;

constexpr Style kStyle = {.color = false, .utf8 = true};

// Adds a test that would run from `begin` to `end`.
v1::TestResult& AddTest(v1::SuiteResult& suite, const std::string& name,
                        int begin, int end) {
  suite.mutable_suite()->add_tests()->set_name(name);
  v1::TestResult& test = *suite.add_tests();
  test.set_test(name);
  test.mutable_start_time()->set_seconds(begin);
  test.mutable_end_time()->set_seconds(end);
  return test;
}

TEST(PlanTextTest, ShowsTestsInTheOrderOfTheirTimes) {
  v1::Run plan;
  plan.mutable_remaining()->set_seconds(75);
  v1::SuiteResult& a = *plan.add_suites();
  a.mutable_suite()->set_name("suites/a");
  a.mutable_suite()->add_targets("h:1");
  AddTest(a, "one", 100, 110);
  AddTest(a, "three", 115, 175).set_needed_by_other(true);
  v1::SuiteResult& b = *plan.add_suites();
  b.mutable_suite()->set_name("suites/b");
  AddTest(b, "two", 110, 115);
  b.mutable_suite()->mutable_tests(0)->add_expect("latency.p95 < 1s");
  b.mutable_suite()->mutable_tests(0)->add_needs("redis");

  EXPECT_EQ(RenderPlan(plan, kStyle, 0),
            "test       time  thresholds  target  needs\n"
            "a/one    10.0 s           0  h:1\n"
            "b/two    5.00 s           1  self    redis\n"
            "a/three  60.0 s           0  h:1            a threshold needs it\n"
            "\n"
            "3 tests, about 75.0 s. Nothing was run.\n");
}

TEST(PlanTextTest, SaysWhyATestWouldBeSkipped) {
  v1::Run plan;
  v1::SuiteResult& suite = *plan.add_suites();
  suite.mutable_suite()->set_name("suites/a");
  v1::TestResult& test = AddTest(suite, "one", 100, 100);
  test.set_verdict(v1::SKIPPED);
  test.set_reason("needs redis");

  const std::string text = RenderPlan(plan, kStyle, 0);

  EXPECT_THAT(text, HasSubstr("skipped: needs redis\n"));
  EXPECT_THAT(text, HasSubstr("1 test, 1 of them skipped"));
}

}  // namespace
}  // namespace perfrig
