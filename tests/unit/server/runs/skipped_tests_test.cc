#include "server/runs/skipped_tests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace perfrig::runs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

v1::Test& AddTest(v1::Suite& suite, const std::string& name,
                  const std::string& expect = "") {
  v1::Test& test = *suite.add_tests();
  test.set_name(name);
  test.add_calls()->set_method("local:noop");
  test.mutable_load()->set_users(1);
  test.mutable_load()->set_iterations(1);
  if (!expect.empty()) test.add_expect(expect);
  return test;
}

v1::Suite Named(const std::string& name) {
  v1::Suite suite;
  suite.set_name(name);
  return suite;
}

// There is no Redis, and everything else.
std::map<TestKey, std::string> WithoutRedis(std::vector<v1::Suite> suites) {
  std::vector<SelectedSuite> selected;
  for (v1::Suite& suite : suites) selected.push_back({std::move(suite)});
  return SkippedTests(selected, [](std::string_view need) {
    return need == "redis" ? "no redis" : "";
  });
}

TEST(SkippedTestsTest, SkipsWhatNeedsWhatIsNotThere) {
  v1::Suite suite = Named("suites/s");
  AddTest(suite, "plain");
  AddTest(suite, "stored").add_needs("s3");
  v1::Test& cached = AddTest(suite, "cached");
  cached.add_needs("s3");
  cached.add_needs("redis");

  EXPECT_THAT(WithoutRedis({suite}),
              ElementsAre(Pair(TestKey("suites/s", "cached"), "no redis")));
}

TEST(SkippedTestsTest, WhatASuiteNeedsAllOfItsTestsNeed) {
  v1::Suite suite = Named("suites/s");
  suite.add_needs("redis");
  AddTest(suite, "a");
  AddTest(suite, "b");

  EXPECT_THAT(WithoutRedis({suite}),
              ElementsAre(Pair(TestKey("suites/s", "a"), "no redis"),
                          Pair(TestKey("suites/s", "b"), "no redis")));
}

TEST(SkippedTestsTest, SkipsThoseWhoseThresholdsNameASkippedOne) {
  v1::Suite suite = Named("suites/s");
  // Before the one that it names, and named in turn.
  AddTest(suite, "third", "second.latency.p50 < 1s");
  AddTest(suite, "second", "latency.p50 / first.latency.p50 > 1");
  AddTest(suite, "first").add_needs("redis");
  v1::Suite other = Named("suites/other");
  AddTest(other, "far", "s/first.latency.p50 < 1s");
  AddTest(other, "alone", "latency.p50 < 1s");

  EXPECT_THAT(
      WithoutRedis({suite, other}),
      ElementsAre(
          Pair(TestKey("suites/other", "far"),
               "a threshold names first, which is skipped: no redis"),
          Pair(TestKey("suites/s", "first"), "no redis"),
          Pair(TestKey("suites/s", "second"),
               "a threshold names first, which is skipped: no redis"),
          Pair(TestKey("suites/s", "third"),
               "a threshold names second, which is skipped: a threshold names "
               "first, which is skipped: no redis")));
}

TEST(SkippedTestsTest, OnlyOurOwnProcessesHaveProfiles) {
  v1::Suite suite = Named("suites/s");
  for (const char* target : {"self", "spawn", "host:1"}) {
    v1::Test& test = AddTest(suite, target);
    test.add_targets(target);
    test.set_profile(v1::CPU);
  }

  EXPECT_THAT(WithoutRedis({suite}),
              ElementsAre(Pair(TestKey("suites/s", "host:1"),
                               "no profile of host:1: only processes of self "
                               "and spawn can be sampled")));
}

TEST(SkippedTestsTest, TestsThatNameEachOtherAreNotSkippedForThat) {
  v1::Suite suite = Named("suites/s");
  AddTest(suite, "a", "b.latency.p50 < 1s");
  AddTest(suite, "b", "a.latency.p50 < 1s");

  EXPECT_THAT(WithoutRedis({suite}), IsEmpty());
}

}  // namespace
}  // namespace perfrig::runs
