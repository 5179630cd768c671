#include "server/runs/round_values.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string_view>

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

const v1::Distribution* DistributionOf(const v1::Figures& figures,
                                       std::string_view metric) {
  if (metric == "latency") return &figures.latency();
  if (metric == "latency_all") return &figures.latency_all();
  if (metric == "service") return &figures.service();
  if (metric == "lag") return &figures.lag();
  if (metric == "first_message") return &figures.first_message();
  if (metric == "message_gap") return &figures.message_gap();
  if (metric == "stream_wait") return &figures.stream_wait();
  if (metric == "message_latency") return &figures.message_latency();
  if (metric == "backoff") return &figures.backoff();
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
  if (options.variant == Variant::kQuietSeconds && CountsBySeconds(ref)) {
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
                    const suites::MetricRef& ref, const ViewOptions& options) {
  if (options.variant != Variant::kQuietSeconds || !CountsBySeconds(ref)) {
    return figures.throughput();
  }
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

}  // namespace

const v1::Figures* FiguresOf(const MeasuredRound& round,
                             const std::string& step) {
  if (step.empty()) return &round.figures;
  const auto found = round.steps.find(step);
  return found == round.steps.end() ? nullptr : &found->second;
}

double ElapsedSeconds(const v1::Figures& figures) {
  using google::protobuf::util::TimeUtil;
  return Seconds(
      static_cast<double>(TimeUtil::DurationToNanoseconds(figures.elapsed())));
}

std::optional<MetricValue> RoundValue(const MeasuredTest& test,
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
    return MetricValue{ThroughputOf(round, *figures, ref, options),
                       figures->ok()};
  }
  if (ref.metric == "goodput") {
    if (figures->planned() == 0) return MetricValue{};
    return MetricValue{figures->goodput(), figures->good()};
  }
  if (ref.metric == "elapsed") {
    if (figures->planned() == 0) return MetricValue{};
    return MetricValue{ElapsedSeconds(*figures), figures->sent()};
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

}  // namespace perfrig::runs
