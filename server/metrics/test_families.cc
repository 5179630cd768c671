// Families of tests.
#include <limits>
#include <string>
#include <utility>

#include "server/metrics/family.h"
#include "server/metrics/run_families.h"

namespace perfrig::metrics {
namespace {

Labels LabelsOf(const TestKey& key) {
  return {{"suite", key.suite}, {"test", key.test}};
}

Labels With(Labels labels, std::string name, std::string value) {
  labels.emplace_back(std::move(name), std::move(value));
  return labels;
}

// What the gauges speak of: the last second of a test at work, or its result.
const v1::Figures& FiguresOf(const LatestTest& test) {
  return test.snapshot != nullptr ? test.snapshot->window()
                                  : test.result->figures();
}

void AddQuantiles(const LatestTest& test, Family& family) {
  const v1::Distribution& latency = FiguresOf(test).latency();
  if (latency.count() == 0) return;
  const std::pair<const char*, std::uint64_t> values[] = {
      {"p50", latency.p50_ns()},    {"p90", latency.p90_ns()},
      {"p95", latency.p95_ns()},    {"p99", latency.p99_ns()},
      {"p99.9", latency.p999_ns()}, {"p99.99", latency.p9999_ns()}};
  for (const auto& [aggregate, nanos] : values) {
    // Never, where the quantile falls among calls that were given up.
    const double seconds = nanos >= static_cast<std::uint64_t>(kNever)
                               ? std::numeric_limits<double>::infinity()
                               : static_cast<double>(nanos) / 1e9;
    family.Add(With(LabelsOf(test.key), "aggregate", aggregate), seconds);
  }
}

void AddCounters(const RunCounters& counters,
                 std::vector<prometheus::MetricFamily>& families) {
  Family calls =
      MakeCounter("perfrig_calls_total",
                  "Finished calls by gRPC status, warm-up excluded.");
  Family late = MakeCounter("perfrig_calls_late_total",
                            "Calls sent more than 1 ms after plan.");
  Family dropped = MakeCounter("perfrig_calls_dropped_total",
                               "Calls planned but never sent.");
  Family unfinished =
      MakeCounter("perfrig_calls_unfinished_total",
                  "Calls still in flight when the grace ended.");
  for (const auto& [key, counts] : counters.tests()) {
    const Labels labels = LabelsOf(key);
    for (const auto& [code, count] : counts.calls) {
      calls.Add(With(labels, "code", code), static_cast<double>(count));
    }
    late.Add(labels, static_cast<double>(counts.late));
    dropped.Add(labels, static_cast<double>(counts.dropped));
    unfinished.Add(labels, static_cast<double>(counts.unfinished));
  }
  for (Family* family : {&calls, &late, &dropped, &unfinished}) {
    family->MoveTo(families);
  }
}

void AddHistograms(const RunCounters& counters,
                   std::vector<prometheus::MetricFamily>& families) {
  Family latency =
      MakeHistogram("perfrig_call_latency_seconds",
                    "Latency of ok calls from their planned start.");
  Family first =
      MakeHistogram("perfrig_call_first_message_seconds",
                    "Time from the planned start to a stream's first message.");
  for (const auto& [key, counts] : counters.tests()) {
    latency.Add(LabelsOf(key), counts.latency);
    if (counts.first_message.count() > 0) {
      first.Add(LabelsOf(key), counts.first_message);
    }
  }
  latency.MoveTo(families);
  first.MoveTo(families);
}

void AddLoad(const std::vector<LatestTest>& tests,
             std::vector<prometheus::MetricFamily>& families) {
  Family in_flight = MakeGauge("perfrig_calls_in_flight", "Calls in flight.");
  Family users = MakeGauge("perfrig_users", "Users at work; 0 for open loads.");
  Family planned =
      MakeGauge("perfrig_planned_rate",
                "Iterations a second as planned; 0 for closed loads.");
  Family throughput =
      MakeGauge("perfrig_throughput",
                "Ok calls a second, in the last second or of the last result.");
  for (const LatestTest& test : tests) {
    const Labels labels = LabelsOf(test.key);
    static const v1::Snapshot& kIdle = *new v1::Snapshot;
    const v1::Snapshot& now = test.snapshot != nullptr ? *test.snapshot : kIdle;
    in_flight.Add(labels, now.in_flight());
    users.Add(labels, now.users());
    planned.Add(labels, now.planned_rate());
    throughput.Add(labels, FiguresOf(test).throughput());
  }
  for (Family* family : {&in_flight, &users, &planned, &throughput}) {
    family->MoveTo(families);
  }
}

}  // namespace

void AddTestFamilies(const Scene& scene, const RunCounters& counters,
                     std::vector<prometheus::MetricFamily>& families) {
  const std::vector<LatestTest> tests = TestsShown(scene);
  AddHistograms(counters, families);
  Family quantiles = MakeGauge(
      "perfrig_call_latency_quantile_seconds",
      "Exact latency quantiles of the last second, or of the last result.");
  Family observed =
      MakeGauge("perfrig_observed", "Mean of what a test observes.");
  for (const LatestTest& test : tests) {
    AddQuantiles(test, quantiles);
    for (const auto& [name, value] : FiguresOf(test).observed()) {
      observed.Add(With(LabelsOf(test.key), "metric", name), value.mean());
    }
  }
  quantiles.MoveTo(families);
  AddCounters(counters, families);
  AddLoad(tests, families);
  observed.MoveTo(families);
}

void AddThresholdFamilies(const Scene& scene,
                          std::vector<prometheus::MetricFamily>& families) {
  Family value = MakeGauge("perfrig_threshold_value",
                           "Left side of a threshold, in its base unit.");
  Family bound = MakeGauge("perfrig_threshold_bound", "Bound of a threshold.");
  Family ok =
      MakeGauge("perfrig_threshold_ok",
                "1 where a threshold holds, 0 where it is missed; absent where "
                "it could not be judged or the rig explains the miss.");
  for (const LatestTest& test : TestsShown(scene)) {
    if (test.result == nullptr) continue;
    for (const v1::ThresholdResult& each : test.result->thresholds()) {
      const Labels labels =
          With(LabelsOf(test.key), "threshold", each.expression());
      value.Add(labels, each.observed());
      bound.Add(labels, each.bound());
      // An alert on 0 means the target, not a lack of samples or the rig.
      if (each.verdict() == v1::PASS || each.verdict() == v1::FAIL) {
        ok.Add(labels, each.verdict() == v1::PASS ? 1 : 0);
      }
    }
  }
  value.MoveTo(families);
  bound.MoveTo(families);
  ok.MoveTo(families);
}

}  // namespace perfrig::metrics
