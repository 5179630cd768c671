#include "server/runs/metric_view.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <vector>

#include "server/runs/call_counts.h"
#include "server/runs/round_values.h"
#include "server/suites/metric_families.h"

namespace perfrig::runs {
namespace {

using suites::MetricValue;

// Without an aggregate: what was counted is added up, the rest stands as it is.
double PlainValue(const v1::Observed& observed, std::string_view metric) {
  if (!suites::InMetricFamily(metric)) return observed.mean();
  const auto info = suites::FindFamilyMetric(metric, false);
  return info.ok() && info->kind == suites::MetricKind::kCount
             ? observed.sum()
             : observed.mean();
}

std::optional<double> ObservedAggregate(const v1::Observed& observed,
                                        std::string_view aggregate,
                                        double seconds) {
  if (aggregate == "count") return static_cast<double>(observed.count());
  if (observed.count() == 0) return std::nullopt;
  if (aggregate == "rate" || aggregate == "avg") return observed.mean();
  if (aggregate == "sum") return observed.sum();
  if (aggregate == "min") return observed.min();
  if (aggregate == "max") return observed.max();
  if (aggregate == "stddev") return observed.stddev();
  if (aggregate == "p50") return observed.p50();
  if (aggregate == "p90") return observed.p90();
  if (aggregate == "p95") return observed.p95();
  if (aggregate == "p99") return observed.p99();
  if (aggregate == "p99.9") return observed.p999();
  if (aggregate == "per_second" && seconds > 0) return observed.sum() / seconds;
  return std::nullopt;
}

MetricValue ObservedValue(const MeasuredRound& round,
                          const suites::MetricRef& ref) {
  const v1::Figures* figures = FiguresOf(round, ref.step);
  if (figures == nullptr) return {};
  const auto found = figures->observed().find(ref.metric);
  if (found == figures->observed().end()) return {};
  const v1::Observed& observed = found->second;
  if (ref.aggregate.empty() && observed.count() > 0) {
    return {PlainValue(observed, ref.metric), observed.count()};
  }
  return {ObservedAggregate(observed, ref.aggregate, ElapsedSeconds(*figures)),
          observed.count()};
}

// Rates, sums and counts of observed metrics are pooled; means are medians.
bool ObservedIsPooled(std::string_view aggregate) {
  return aggregate.empty() || aggregate == "rate" || aggregate == "sum" ||
         aggregate == "count" || aggregate == "min" || aggregate == "max";
}

MetricValue MedianOf(const std::vector<MetricValue>& values) {
  std::vector<double> numbers;
  std::uint64_t samples = std::numeric_limits<std::uint64_t>::max();
  for (const MetricValue& value : values) {
    samples = std::min(samples, value.samples);
    if (!value.value) return {std::nullopt, 0};
    numbers.push_back(*value.value);
  }
  if (numbers.empty()) return {};
  std::sort(numbers.begin(), numbers.end());
  const std::size_t middle = numbers.size() / 2;
  // An infinite value in the middle must not become NaN.
  if (numbers.size() % 2 == 1 || numbers[middle] == numbers[middle - 1]) {
    return {numbers[middle], samples};
  }
  return {(numbers[middle - 1] + numbers[middle]) / 2, samples};
}

// Extremes, sums and counts are those of all rounds; the rest is judged on
// their median.
bool IsOfAllRounds(std::string_view aggregate) {
  return aggregate == "min" || aggregate == "max" || aggregate == "sum" ||
         aggregate == "count";
}

MetricValue OfAllRounds(const std::vector<MetricValue>& values,
                        std::string_view aggregate) {
  if (!IsOfAllRounds(aggregate)) return MedianOf(values);
  MetricValue all;
  for (const MetricValue& value : values) {
    all.samples += value.samples;
    if (!value.value) continue;
    if (!all.value) {
      all.value = value.value;
    } else if (aggregate == "min") {
      *all.value = std::min(*all.value, *value.value);
    } else if (aggregate == "max") {
      *all.value = std::max(*all.value, *value.value);
    } else {
      *all.value += *value.value;
    }
  }
  return all;
}

}  // namespace

MetricValue ValueOf(const MeasuredTest& test, const suites::MetricRef& ref,
                    const ViewOptions& options) {
  if (test.rounds.empty()) return {};
  if (ref.metric == "search.rate") return {test.search_rate, 0};
  const v1::Figures* pooled = FiguresOf(test.pooled, ref.step);
  if (pooled == nullptr) return {};
  if (pooled->observed().contains(ref.metric)) {
    if (ObservedIsPooled(ref.aggregate)) return ObservedValue(test.pooled, ref);
    std::vector<MetricValue> values;
    values.reserve(test.rounds.size());
    for (const auto& round : test.rounds) {
      values.push_back(ObservedValue(round, ref));
    }
    return MedianOf(values);
  }
  std::vector<MetricValue> values;
  values.reserve(test.rounds.size());
  for (const auto& round : test.rounds) {
    auto value = RoundValue(test, round, ref, options);
    if (!value) return CountOf(test, ref);
    values.push_back(*value);
  }
  return OfAllRounds(values, ref.aggregate);
}

std::optional<MetricValue> ValueOfRound(const MeasuredTest& test,
                                        const MeasuredRound& round,
                                        const suites::MetricRef& ref) {
  const v1::Figures* pooled = FiguresOf(test.pooled, ref.step);
  if (!ref.suite.empty() || !ref.test.empty() || pooled == nullptr) {
    return std::nullopt;
  }
  if (pooled->observed().contains(ref.metric)) {
    if (ObservedIsPooled(ref.aggregate)) return std::nullopt;
    return ObservedValue(round, ref);
  }
  if (IsOfAllRounds(ref.aggregate)) return std::nullopt;
  return RoundValue(test, round, ref, {});
}

suites::MetricLookup MakeLookup(const TestLookup& tests, ViewOptions options) {
  return [tests, options](const suites::MetricRef& ref) -> MetricValue {
    const MeasuredTest* test = tests(ref.suite, ref.test);
    return test == nullptr ? MetricValue{} : ValueOf(*test, ref, options);
  };
}

bool CountsBySeconds(const suites::MetricRef& metric) {
  const std::string& name = metric.metric;
  // Steps are kept for whole rounds only.
  return metric.step.empty() && (name == "latency" || name == "latency_all" ||
                                 name == "service" || name == "throughput");
}

Nanos HiccupLimit(const suites::Evaluation& figures,
                  const suites::Threshold& threshold) {
  if (threshold.unit() != suites::Unit::kSeconds) return kMillisecond;
  return std::max(kMillisecond, static_cast<Nanos>(figures.bound * 1e8));
}

std::optional<double> QuietShare(const MeasuredTest& test, Nanos hiccup_limit) {
  std::uint64_t all = 0;
  std::uint64_t quiet = 0;
  for (const auto& round : test.rounds) {
    for (const auto& alike : round.seconds) {
      all += alike.seconds;
      if (alike.worst_hiccup <= hiccup_limit) quiet += alike.seconds;
    }
  }
  if (all == 0) return std::nullopt;
  return static_cast<double>(quiet) / static_cast<double>(all);
}

}  // namespace perfrig::runs
