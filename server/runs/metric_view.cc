#include "server/runs/metric_view.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>
#include <vector>

#include "google/protobuf/util/time_util.h"

namespace perfrig::runs {
namespace {

using suites::MetricValue;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double Seconds(double nanos) { return nanos / 1e9; }

std::optional<double> Percentile(std::string_view aggregate) {
  if (aggregate.size() < 2 || aggregate.front() != 'p') return std::nullopt;
  double percent = 0;
  const char* end = aggregate.data() + aggregate.size();
  const auto [stop, error] =
      std::from_chars(aggregate.data() + 1, end, percent);
  if (error != std::errc() || stop != end) return std::nullopt;
  return percent / 100;
}

// An aggregate of times, in seconds; `above` more samples rank above all.
std::optional<double> Aggregate(const Histogram& times, std::uint64_t above,
                                std::string_view aggregate) {
  if (aggregate == "count") return static_cast<double>(times.count());
  if (times.count() + above == 0) return std::nullopt;
  if (const auto quantile = Percentile(aggregate)) {
    const Nanos value = times.Quantile(*quantile, above);
    return value == kNever ? kInfinity : Seconds(static_cast<double>(value));
  }
  if (aggregate == "max" && above > 0) return kInfinity;
  if (times.count() == 0) return std::nullopt;
  if (aggregate == "avg") return Seconds(times.Mean());
  if (aggregate == "min") return Seconds(static_cast<double>(times.min()));
  if (aggregate == "max") return Seconds(static_cast<double>(times.max()));
  if (aggregate == "stddev") return Seconds(times.StandardDeviation());
  if (aggregate == "sum") return Seconds(times.sum());
  return std::nullopt;
}

const v1::Figures* FiguresOf(const MeasuredRound& round,
                             const std::string& step) {
  if (step.empty()) return &round.figures;
  const auto found = round.steps.find(step);
  return found == round.steps.end() ? nullptr : &found->second;
}

const v1::Distribution* DistributionOf(const v1::Figures& figures,
                                       std::string_view metric) {
  if (metric == "latency") return &figures.latency();
  if (metric == "latency_all") return &figures.latency_all();
  if (metric == "service") return &figures.service();
  if (metric == "lag") return &figures.lag();
  if (metric == "first_message") return &figures.first_message();
  if (metric == "message_gap") return &figures.message_gap();
  if (metric == "stream_wait") return &figures.stream_wait();
  return nullptr;
}

bool RanksGivenUpCalls(std::string_view metric) {
  return metric == "latency" || metric == "latency_all" ||
         metric == "service" || metric == "first_message";
}

double MockLateness(const Histogram& lateness, std::string_view aggregate) {
  return Aggregate(lateness, 0, aggregate).value_or(0);
}

// The quiet seconds of a round merged again; only whole tests can be.
Histogram QuietTimes(const MeasuredRound& round, std::string_view metric,
                     Nanos limit) {
  Histogram times;
  for (const auto& alike : round.seconds) {
    if (alike.worst_hiccup > limit) continue;
    times.Merge(Histogram::FromProto(metric == "latency" ? alike.latency
                                     : metric == "latency_all"
                                         ? alike.latency_all
                                         : alike.service));
  }
  return times;
}

MetricValue TimesOf(const MeasuredTest& test, const MeasuredRound& round,
                    const suites::MetricRef& ref, const ViewOptions& options) {
  const v1::Figures* figures = FiguresOf(round, ref.step);
  if (figures == nullptr) return {};
  std::string_view metric = ref.metric;
  if (options.variant == Variant::kService && metric == "latency") {
    metric = "service";
  }
  const std::uint64_t above = RanksGivenUpCalls(metric)
                                  ? figures->dropped() + figures->unfinished()
                                  : 0;
  Histogram times;
  if (options.variant == Variant::kQuietSeconds && ref.step.empty() &&
      (metric == "latency" || metric == "latency_all" || metric == "service")) {
    times = QuietTimes(round, metric, options.hiccup_limit);
  } else {
    times = Histogram::FromProto(DistributionOf(*figures, metric)->histogram());
  }
  MetricValue result;
  result.value = Aggregate(times, above, ref.aggregate);
  result.samples = times.count() + above;
  if (result.value && options.variant == Variant::kLessMockLateness &&
      RanksGivenUpCalls(metric) && ref.aggregate != "count") {
    *result.value = std::max(
        0.0, *result.value - MockLateness(test.mock_lateness, ref.aggregate));
  }
  return result;
}

double ThroughputOf(const MeasuredRound& round, const v1::Figures& figures,
                    const ViewOptions& options) {
  if (options.variant != Variant::kQuietSeconds) return figures.throughput();
  std::uint64_t calls = 0;
  std::uint64_t seconds = 0;
  for (const auto& alike : round.seconds) {
    if (alike.worst_hiccup > options.hiccup_limit) continue;
    for (const auto count : alike.latency.count()) calls += count;
    seconds += alike.seconds;
  }
  return seconds == 0
             ? figures.throughput()
             : static_cast<double>(calls) / static_cast<double>(seconds);
}

// Numbers that are judged on the median of the rounds.
std::optional<MetricValue> OfRound(const MeasuredTest& test,
                                   const MeasuredRound& round,
                                   const suites::MetricRef& ref,
                                   const ViewOptions& options) {
  const v1::Figures* figures = FiguresOf(round, ref.step);
  if (figures == nullptr) return std::nullopt;
  if (DistributionOf(*figures, ref.metric) != nullptr) {
    return TimesOf(test, round, ref, options);
  }
  if (ref.metric == "throughput") {
    if (figures->planned() == 0) return MetricValue{};
    return MetricValue{ThroughputOf(round, *figures, options), figures->ok()};
  }
  if (ref.metric == "elapsed") {
    if (figures->planned() == 0) return MetricValue{};
    using google::protobuf::util::TimeUtil;
    return MetricValue{
        Seconds(static_cast<double>(
            TimeUtil::DurationToNanoseconds(figures->elapsed()))),
        figures->sent()};
  }
  if (ref.metric == "connect") {
    Histogram times;
    for (const Nanos time : round.connections.connect_times) {
      times.Record(time);
    }
    return MetricValue{Aggregate(times, 0, ref.aggregate), times.count()};
  }
  return std::nullopt;
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

// Counts and rates, of all rounds together.
MetricValue PooledValue(const MeasuredTest& test,
                        const suites::MetricRef& ref) {
  const v1::Figures* figures = FiguresOf(test.pooled, ref.step);
  if (figures == nullptr) return {};
  const auto planned = static_cast<double>(figures->planned());
  const auto ok = static_cast<double>(figures->ok());
  const std::string& name = ref.metric;
  using google::protobuf::util::TimeUtil;
  const double seconds = Seconds(
      static_cast<double>(TimeUtil::DurationToNanoseconds(figures->elapsed())));
  // A count; with .rate a share of the planned calls, with .per_second over
  // the elapsed time.
  const auto count = [&](double value) -> MetricValue {
    if (ref.aggregate == "rate") {
      if (planned == 0) return {};
      return {value / planned, figures->planned()};
    }
    if (ref.aggregate == "per_second") {
      if (seconds <= 0) return {};
      return {value / seconds, figures->planned()};
    }
    return {value, figures->planned()};
  };
  if (name == "success" || name == "availability") return count(ok);
  if (name == "errors") return count(planned - ok);
  if (name == "calls.planned") return count(planned);
  if (name == "calls.sent") return count(static_cast<double>(figures->sent()));
  if (name == "calls.ok") return count(ok);
  if (name == "calls.failed") {
    return count(static_cast<double>(figures->failed()));
  }
  if (name == "late" || name == "calls.late") {
    return count(static_cast<double>(figures->late()));
  }
  if (name == "dropped" || name == "calls.dropped") {
    return count(static_cast<double>(figures->dropped()));
  }
  if (name == "unfinished" || name == "calls.unfinished") {
    return count(static_cast<double>(figures->unfinished()));
  }
  if (name == "messages.sent") {
    return count(static_cast<double>(figures->messages_sent()));
  }
  if (name == "messages.received") {
    return count(static_cast<double>(figures->messages_received()));
  }
  if (name == "bytes.sent") {
    return count(static_cast<double>(figures->bytes_sent()));
  }
  if (name == "bytes.received") {
    return count(static_cast<double>(figures->bytes_received()));
  }
  if (name == "reconnects") {
    return count(static_cast<double>(test.pooled.connections.reconnects));
  }
  if (name.rfind("status.", 0) == 0) {
    const auto found = figures->statuses().find(name.substr(7));
    return count(found == figures->statuses().end()
                     ? 0
                     : static_cast<double>(found->second));
  }
  return {};
}

MetricValue ObservedValue(const MeasuredRound& round,
                          const suites::MetricRef& ref) {
  const v1::Figures* figures = FiguresOf(round, ref.step);
  if (figures == nullptr) return {};
  const auto found = figures->observed().find(ref.metric);
  if (found == figures->observed().end()) return {};
  using google::protobuf::util::TimeUtil;
  const double seconds = Seconds(
      static_cast<double>(TimeUtil::DurationToNanoseconds(figures->elapsed())));
  return {ObservedAggregate(found->second, ref.aggregate, seconds),
          found->second.count()};
}

// Rates, sums and counts of observed metrics are pooled; means are medians.
bool ObservedIsPooled(std::string_view aggregate) {
  return aggregate == "rate" || aggregate == "sum" || aggregate == "count" ||
         aggregate == "min" || aggregate == "max";
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
MetricValue OfAllRounds(const std::vector<MetricValue>& values,
                        std::string_view aggregate) {
  if (aggregate != "min" && aggregate != "max" && aggregate != "sum" &&
      aggregate != "count") {
    return MedianOf(values);
  }
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
    auto value = OfRound(test, round, ref, options);
    if (!value) return PooledValue(test, ref);
    values.push_back(*value);
  }
  return OfAllRounds(values, ref.aggregate);
}

suites::MetricLookup MakeLookup(const TestLookup& tests, ViewOptions options) {
  return [tests, options](const suites::MetricRef& ref) -> MetricValue {
    const MeasuredTest* test = tests(ref.suite, ref.test);
    return test == nullptr ? MetricValue{} : ValueOf(*test, ref, options);
  };
}

double QuietShare(const MeasuredTest& test, Nanos hiccup_limit) {
  std::uint64_t all = 0;
  std::uint64_t quiet = 0;
  for (const auto& round : test.rounds) {
    for (const auto& alike : round.seconds) {
      all += alike.seconds;
      if (alike.worst_hiccup <= hiccup_limit) quiet += alike.seconds;
    }
  }
  return all == 0 ? 0 : static_cast<double>(quiet) / static_cast<double>(all);
}

}  // namespace perfrig::runs
