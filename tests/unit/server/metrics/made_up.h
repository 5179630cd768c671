// Runs that never were, for the metrics' tests.
#ifndef PERFRIG_TESTS_UNIT_SERVER_METRICS_MADE_UP_H_
#define PERFRIG_TESTS_UNIT_SERVER_METRICS_MADE_UP_H_

#include <memory>
#include <string>
#include <utility>

#include "common/stats/histogram.h"
#include "server/metrics/scene.h"

namespace perfrig::metrics {

inline v1::Distribution Times(std::initializer_list<Nanos> values) {
  Histogram histogram;
  for (const Nanos value : values) histogram.Record(value);
  return ToDistribution(histogram, /*with_histogram=*/true);
}

// A finished test with `ok` calls of 1 ms.
inline v1::TestResult FinishedTest(const std::string& name, std::uint64_t ok) {
  v1::TestResult test;
  test.set_test(name);
  test.set_state(v1::FINISHED);
  test.set_verdict(v1::PASS);
  v1::Figures& figures = *test.mutable_figures();
  (*figures.mutable_statuses())["OK"] = ok;
  figures.set_throughput(static_cast<double>(ok));
  Histogram latency;
  latency.Record(kMillisecond, ok);
  *figures.mutable_latency() = ToDistribution(latency, true);
  return test;
}

inline v1::Run RunOf(const std::string& name, const v1::TestResult& test) {
  v1::Run run;
  run.set_name(name);
  run.set_state(v1::FINISHED);
  v1::SuiteResult& suite = *run.add_suites();
  suite.mutable_suite()->set_name("suites/shop");
  suite.set_verdict(test.verdict());
  *suite.add_tests() = test;
  run.mutable_end_time()->set_seconds(1'700'000'000);
  return run;
}

inline std::shared_ptr<const v1::Run> Share(v1::Run run) {
  return std::make_shared<const v1::Run>(std::move(run));
}

// A run at work on `test`, which has not finished.
inline std::shared_ptr<const v1::Run> RunAtWork(const std::string& name,
                                                const std::string& test) {
  v1::TestResult result;
  result.set_test(test);
  result.set_state(v1::RUNNING);
  v1::Run run = RunOf(name, result);
  run.set_state(v1::RUNNING);
  return Share(std::move(run));
}

inline std::shared_ptr<const v1::Snapshot> SnapshotOf(const std::string& test,
                                                      std::uint32_t round,
                                                      std::uint64_t ok) {
  v1::Snapshot snapshot;
  snapshot.set_suite("suites/shop");
  snapshot.set_test(test);
  snapshot.set_round(round);
  (*snapshot.mutable_total()->mutable_statuses())["OK"] = ok;
  Histogram latency;
  latency.Record(kMillisecond, ok);
  *snapshot.mutable_total()->mutable_latency() =
      ToDistribution(latency, /*with_histogram=*/true);
  *snapshot.mutable_window()->mutable_latency() = Times({3 * kMillisecond});
  snapshot.mutable_window()->mutable_latency()->clear_histogram();
  snapshot.set_in_flight(7);
  snapshot.set_progress(0.25);
  return std::make_shared<const v1::Snapshot>(std::move(snapshot));
}

}  // namespace perfrig::metrics

#endif  // PERFRIG_TESTS_UNIT_SERVER_METRICS_MADE_UP_H_
