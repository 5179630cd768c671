// A run with a passing and a failing test, for tests of what is shown.
#ifndef PERFRIG_TESTS_UNIT_CLIENT_VIEWS_SAMPLE_RUN_H_
#define PERFRIG_TESTS_UNIT_CLIENT_VIEWS_SAMPLE_RUN_H_

#include <cstdint>

#include "perfrig/v1/run.pb.h"

namespace perfrig {

inline void SetLatency(std::uint64_t nanos, v1::Distribution* distribution) {
  distribution->set_count(1000);
  distribution->set_p50_ns(nanos);
  distribution->set_p95_ns(nanos * 2);
  distribution->set_p99_ns(nanos * 3);
  distribution->set_max_ns(nanos * 4);
}

inline v1::TestResult PassingTest() {
  v1::TestResult result;
  result.set_test("echo");
  result.set_state(v1::FINISHED);
  result.set_verdict(v1::PASS);
  v1::Figures& figures = *result.mutable_figures();
  figures.set_planned(2000);
  figures.set_sent(2000);
  figures.set_ok(2000);
  figures.set_throughput(1234);
  (*figures.mutable_statuses())["OK"] = 2000;
  SetLatency(80'000, figures.mutable_latency());
  SetLatency(20'000, figures.mutable_lag());
  v1::ThresholdResult& threshold = *result.add_thresholds();
  threshold.set_expression("latency.p95 < 5ms");
  threshold.set_verdict(v1::PASS);
  threshold.set_observed_text("160 µs");
  threshold.set_margin_text("4.84 ms below");
  result.mutable_rig()->set_lanes(1);
  result.mutable_rig()->set_lane_cpu(0.125);
  SetLatency(100'000, result.mutable_rig()->mutable_hiccups());
  result.mutable_connections()->set_connections(1);
  result.mutable_start_time()->set_seconds(100);
  result.mutable_end_time()->set_seconds(103);
  return result;
}

inline v1::TestResult FailingTest() {
  v1::TestResult result;
  result.set_test("database");
  result.set_state(v1::FINISHED);
  result.set_verdict(v1::FAIL);
  result.set_reason("errors.rate is 25 %, must be 0");
  result.add_hints("the target refuses calls: is its capacity too small?");
  v1::Figures& figures = *result.mutable_figures();
  figures.set_planned(400);
  figures.set_sent(400);
  figures.set_ok(300);
  figures.set_failed(100);
  (*figures.mutable_statuses())["OK"] = 300;
  (*figures.mutable_statuses())["UNAVAILABLE"] = 100;
  SetLatency(20'000'000, figures.mutable_latency());
  v1::ThresholdResult& threshold = *result.add_thresholds();
  threshold.set_expression("errors.rate == 0");
  threshold.set_implied(true);
  threshold.set_verdict(v1::FAIL);
  threshold.set_observed_text("25 %");
  threshold.set_margin_text("25 % above");
  threshold.set_reason("100 of 400 calls failed");
  v1::CallSample& call = *result.add_failed();
  call.set_sequence(7);
  call.mutable_at()->set_nanos(500'000'000);
  call.set_status("UNAVAILABLE");
  call.set_message("injected\x1b[2J fault");
  v1::CallSample& slow = *result.add_slowest();
  slow.set_sequence(9);
  slow.mutable_at()->set_nanos(700'000'000);
  slow.set_latency_ns(80'000'000);
  result.mutable_start_time()->set_seconds(103);
  result.mutable_end_time()->set_seconds(113);
  return result;
}

inline v1::Run FinishedRun() {
  v1::Run run;
  run.set_name("runs/20260301-1");
  run.set_state(v1::FINISHED);
  run.set_verdict(v1::FAIL);
  run.set_reason("quickstart/database: errors.rate is 25 %, must be 0");
  run.mutable_start_time()->set_seconds(100);
  run.mutable_end_time()->set_seconds(113);
  v1::SuiteResult& suite = *run.add_suites();
  suite.mutable_suite()->set_name("suites/quickstart");
  suite.mutable_suite()->set_title("First steps");
  suite.set_verdict(v1::FAIL);
  *suite.add_tests() = PassingTest();
  *suite.add_tests() = FailingTest();
  return run;
}

inline v1::RunEvent RunningEvent() {
  v1::RunEvent event;
  event.set_sequence(1);
  event.mutable_time()->set_seconds(100);
  event.mutable_run()->set_name("runs/20260301-1");
  event.mutable_run()->set_state(v1::RUNNING);
  return event;
}

inline v1::RunEvent StartedEvent() {
  v1::RunEvent event;
  event.set_sequence(2);
  event.mutable_time()->set_seconds(100);
  v1::TestStarted& started = *event.mutable_test_started();
  started.set_suite("suites/quickstart");
  started.set_test("echo");
  started.set_index(1);
  started.set_total(2);
  started.mutable_planned()->set_seconds(10);
  return event;
}

// The second `second` of the test "echo".
inline v1::RunEvent SnapshotEvent(int second) {
  v1::RunEvent event;
  event.set_sequence(2 + static_cast<std::uint64_t>(second));
  event.mutable_time()->set_seconds(100 + second);
  v1::Snapshot& snapshot = *event.mutable_snapshot();
  snapshot.set_suite("suites/quickstart");
  snapshot.set_test("echo");
  snapshot.set_round(1);
  snapshot.mutable_elapsed()->set_seconds(second);
  snapshot.mutable_window()->set_throughput(998);
  SetLatency(80'000, snapshot.mutable_window()->mutable_latency());
  SetLatency(20'000, snapshot.mutable_window()->mutable_lag());
  snapshot.mutable_total()->set_failed(3);
  snapshot.set_in_flight(12);
  snapshot.set_planned_rate(1000);
  snapshot.set_worst_hiccup_ns(300'000);
  snapshot.set_progress(second / 20.0);
  snapshot.mutable_remaining()->set_seconds(20 - second);
  return event;
}

}  // namespace perfrig

#endif  // PERFRIG_TESTS_UNIT_CLIENT_VIEWS_SAMPLE_RUN_H_
