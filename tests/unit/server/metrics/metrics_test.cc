#include "server/metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/unit/server/metrics/made_up.h"

namespace perfrig::metrics {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

v1::Run FullRun(const std::string& name) {
  v1::TestResult test = FinishedTest("buy", 100);
  test.mutable_figures()->set_late(3);
  *test.mutable_figures()->mutable_first_message() = Times({kMillisecond});
  *test.mutable_figures()->mutable_lag() = Times({20 * kMicrosecond});
  (*test.mutable_figures()->mutable_observed())["hits"].set_mean(0.75);
  *test.mutable_rig()->mutable_hiccups() = Times({60 * kMicrosecond});
  test.mutable_rig()->set_lane_cpu(0.5);
  v1::ThresholdResult& threshold = *test.add_thresholds();
  threshold.set_expression("latency.p95 < \"5ms\"");
  threshold.set_verdict(v1::FAIL);
  threshold.set_observed(0.007);
  threshold.set_bound(0.005);
  return RunOf(name, test);
}

v1::Target FullTarget() {
  v1::Target target;
  target.set_name("targets/database");
  v1::TargetStatistics& statistics = *target.mutable_statistics();
  (*statistics.mutable_finished())["OK"] = 12;
  (*statistics.mutable_faults())["hang"] = 2;
  statistics.set_in_flight(4);
  statistics.set_waiting(1);
  *statistics.mutable_injected() = Times({20 * kMillisecond});
  *statistics.mutable_lateness() = Times({30 * kMicrosecond});
  (*statistics.mutable_phases())["work"] = Times({20 * kMillisecond});
  statistics.mutable_pool()->set_connections(7);
  statistics.mutable_pool()->set_capacity(20);
  statistics.mutable_pool()->set_waiting(2);
  statistics.mutable_cache()->set_hits(30);
  statistics.mutable_cache()->set_bytes(1500);
  statistics.set_sessions_open(0);
  statistics.set_tokens(900);
  return target;
}

Scene FullScene() {
  Scene scene;
  scene.finished = {Share(FullRun("runs/1"))};
  scene.queued = 2;
  scene.verdicts[{"suites/shop", v1::FAIL}] = 3;
  scene.targets = {FullTarget()};
  return scene;
}

std::string TextOf(Scene scene) {
  return Metrics([&] { return scene; }, "1.2.3").Text();
}

TEST(Metrics, AFinishedTestShowsItsFigures) {
  const std::string text = TextOf(FullScene());

  const std::string labels = R"({suite="shop",test="buy")";
  EXPECT_THAT(
      text,
      AllOf(
          HasSubstr("perfrig_calls_total" + labels + R"(,code="OK"} 100)"),
          HasSubstr("perfrig_calls_late_total" + labels + "} 3"),
          HasSubstr("perfrig_call_latency_seconds_count" + labels + "} 100"),
          HasSubstr("perfrig_call_first_message_seconds_count" + labels +
                    "} 1"),
          HasSubstr("perfrig_call_latency_quantile_seconds" + labels +
                    R"(,aggregate="p95"} 0.001)"),
          HasSubstr("perfrig_throughput" + labels + "} 100"),
          HasSubstr("perfrig_observed" + labels + R"(,metric="hits"} 0.75)")));
}

TEST(Metrics, AThresholdShowsValueBoundAndWhetherItHolds) {
  const std::string labels =
      R"({suite="shop",test="buy",threshold="latency.p95 < \"5ms\""} )";

  EXPECT_THAT(TextOf(FullScene()),
              AllOf(HasSubstr("perfrig_threshold_value" + labels + "0.007"),
                    HasSubstr("perfrig_threshold_bound" + labels + "0.005"),
                    HasSubstr("perfrig_threshold_ok" + labels + "0")));
}

TEST(Metrics, OnlyAThresholdThatWasJudgedHoldsOrIsMissed) {
  for (const v1::Verdict verdict : {v1::INCONCLUSIVE, v1::INVALID, v1::ERROR}) {
    v1::Run run = FullRun("runs/1");
    run.mutable_suites(0)->mutable_tests(0)->mutable_thresholds(0)->set_verdict(
        verdict);
    Scene scene;
    scene.finished = {Share(std::move(run))};

    const std::string text = TextOf(std::move(scene));

    EXPECT_THAT(text, HasSubstr("perfrig_threshold_value{"));
    EXPECT_THAT(text, Not(HasSubstr("perfrig_threshold_ok{")));
  }
}

TEST(Metrics, RunsAreCountedAndNamed) {
  EXPECT_THAT(
      TextOf(FullScene()),
      AllOf(HasSubstr(R"(perfrig_runs_total{suite="shop",verdict="FAIL"} 3)"),
            HasSubstr(R"(perfrig_run_info{suite="shop",run="1"} 1)"),
            HasSubstr(R"(perfrig_run_progress_ratio{suite="shop"} 1)"),
            HasSubstr("perfrig_runs_queued 2"),
            HasSubstr("perfrig_last_run_timestamp_seconds{suite=\"shop\"} "
                      "1700000000"),
            HasSubstr(R"(perfrig_last_run_verdict{suite="shop"} 2)")));
}

TEST(Metrics, ARunAtWorkShowsItsLastSecond) {
  Scene scene = FullScene();
  scene.current = RunAtWork("runs/2", "buy");
  scene.snapshot = SnapshotOf("buy", 1, 5);

  const std::string text = TextOf(scene);

  EXPECT_THAT(
      text,
      AllOf(
          HasSubstr(R"(perfrig_calls_in_flight{suite="shop",test="buy"} 7)"),
          HasSubstr(
              R"(perfrig_calls_total{suite="shop",test="buy",code="OK"} 105)"),
          HasSubstr(R"(perfrig_run_progress_ratio{suite="shop"} 0.25)")));
}

TEST(Metrics, TargetsShowInjectedAchievedAndFaults) {
  EXPECT_THAT(
      TextOf(FullScene()),
      AllOf(
          HasSubstr(
              R"(perfrig_target_calls_total{target="database",code="OK"} 12)"),
          HasSubstr(R"(perfrig_target_in_flight{target="database"} 4)"),
          HasSubstr(R"(perfrig_target_queue_length{target="database"} 1)"),
          HasSubstr(
              R"(perfrig_target_delay_seconds_count{target="database"} 1)"),
          HasSubstr(
              R"(perfrig_target_lateness_seconds_count{target="database"} 1)"),
          HasSubstr(
              R"(perfrig_target_faults_total{target="database",fault="hang"} 2)"),
          HasSubstr("perfrig_target_phase_seconds_count{target=\"database\","
                    "phase=\"work\"} 1")));
}

TEST(Metrics, TargetsShowTheirConnectionsCachesSessionsAndTokens) {
  EXPECT_THAT(
      TextOf(FullScene()),
      AllOf(
          HasSubstr(R"(perfrig_pool_connections{target="database"} 7)"),
          HasSubstr(R"(perfrig_pool_capacity{target="database"} 20)"),
          HasSubstr(R"(perfrig_pool_waiting{target="database"} 2)"),
          HasSubstr(
              R"(perfrig_cache_requests_total{target="database",result="hit"} 30)"),
          HasSubstr(
              R"(perfrig_cache_requests_total{target="database",result="miss"} 0)"),
          HasSubstr(R"(perfrig_cache_bytes{target="database"} 1500)"),
          HasSubstr(R"(perfrig_sessions_open{target="database"} 0)"),
          HasSubstr(R"(perfrig_tokens_total{target="database"} 900)"),
          HasSubstr("# TYPE perfrig_pool_connections gauge"),
          HasSubstr("# TYPE perfrig_cache_requests_total counter"),
          HasSubstr("# TYPE perfrig_tokens_total counter")));
}

TEST(Metrics, ATargetWithoutACacheShowsNone) {
  Scene scene = FullScene();
  v1::TargetStatistics& statistics = *scene.targets[0].mutable_statistics();
  statistics.clear_pool();
  statistics.clear_cache();
  statistics.clear_sessions_open();
  statistics.clear_tokens();

  EXPECT_THAT(TextOf(scene), AllOf(Not(HasSubstr("perfrig_pool_")),
                                   Not(HasSubstr("perfrig_cache_")),
                                   Not(HasSubstr("perfrig_sessions_")),
                                   Not(HasSubstr("perfrig_tokens_"))));
}

TEST(Metrics, TheProcessAndItsVersionAreShownWithoutAnyRun) {
  const std::string text = TextOf({});

  EXPECT_THAT(text, AllOf(HasSubstr(R"(perfrig_build_info{version="1.2.3"} 1)"),
                          HasSubstr("process_resident_memory_bytes "),
                          HasSubstr("process_cpu_seconds_total "),
                          HasSubstr("process_open_fds "),
                          HasSubstr("perfrig_rig_cpu_ratio 0"),
                          Not(HasSubstr("perfrig_calls_total"))));
}

TEST(Metrics, ALargeRunStaysWithinTheBoundOfSeries) {
  Scene scene;
  v1::Run run = RunOf("runs/1", FinishedTest("first", 1));
  for (int i = 0; i < 1'000; ++i) {
    *run.mutable_suites(0)->add_tests() = FullRun("").suites(0).tests(0);
    auto& tests = *run.mutable_suites(0)->mutable_tests();
    tests.rbegin()->set_test("test" + std::to_string(i));
  }
  scene.finished = {Share(run)};

  const std::string text = TextOf(scene);

  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 20'000);
  EXPECT_LT(text.size(), 5'000'000U);
}

TEST(Metrics, PromtoolFindsNothingToSay) {
  if (std::system("command -v promtool > /dev/null 2>&1") != 0) {
    GTEST_SKIP() << "promtool is not installed";
  }
  const std::string file = ::testing::TempDir() + "/perfrig_metrics.txt";
  std::ofstream(file) << TextOf(FullScene());

  const std::string command = "promtool check metrics < " + file;

  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace perfrig::metrics
