#include "server/runs/measured_test.h"

#include <algorithm>
#include <cmath>

#include "google/protobuf/util/time_util.h"
#include "server/load/figures.h"

namespace perfrig::runs {
namespace {

using google::protobuf::util::TimeUtil;

v1::Distribution Pool(const v1::Distribution& a, const v1::Distribution& b,
                      std::uint64_t above = 0) {
  if (a.count() + b.count() == 0) return {};
  Histogram sum = Histogram::FromProto(a.histogram());
  sum.Merge(Histogram::FromProto(b.histogram()));
  return ToDistribution(sum, true, above);
}

// Quantiles of observed numbers are not kept by round; the pooled ones are
// the means of the rounds' quantiles, weighted by their counts.
v1::Observed Pool(const v1::Observed& a, const v1::Observed& b) {
  if (a.count() == 0) return b;
  if (b.count() == 0) return a;
  const auto na = static_cast<double>(a.count());
  const auto nb = static_cast<double>(b.count());
  const double n = na + nb;
  const auto weighted = [&](double x, double y) {
    return (x * na + y * nb) / n;
  };
  v1::Observed sum;
  sum.set_count(a.count() + b.count());
  sum.set_sum(a.sum() + b.sum());
  sum.set_min(std::min(a.min(), b.min()));
  sum.set_max(std::max(a.max(), b.max()));
  sum.set_mean(weighted(a.mean(), b.mean()));
  const double apart = a.mean() - b.mean();
  const double squares = a.stddev() * a.stddev() * (na - 1) +
                         b.stddev() * b.stddev() * (nb - 1) +
                         apart * apart * na * nb / n;
  sum.set_stddev(std::sqrt(squares / (n - 1)));
  sum.set_p50(weighted(a.p50(), b.p50()));
  sum.set_p90(weighted(a.p90(), b.p90()));
  sum.set_p95(weighted(a.p95(), b.p95()));
  sum.set_p99(weighted(a.p99(), b.p99()));
  sum.set_p999(weighted(a.p999(), b.p999()));
  return sum;
}

void PoolInto(v1::Figures& sum, const v1::Figures& more) {
  sum.set_planned(sum.planned() + more.planned());
  sum.set_sent(sum.sent() + more.sent());
  sum.set_ok(sum.ok() + more.ok());
  sum.set_failed(sum.failed() + more.failed());
  sum.set_late(sum.late() + more.late());
  sum.set_dropped(sum.dropped() + more.dropped());
  sum.set_unfinished(sum.unfinished() + more.unfinished());
  for (const auto& [code, count] : more.statuses()) {
    (*sum.mutable_statuses())[code] += count;
  }
  const std::uint64_t given_up = sum.dropped() + sum.unfinished();
  *sum.mutable_latency() = Pool(sum.latency(), more.latency(), given_up);
  *sum.mutable_latency_all() =
      Pool(sum.latency_all(), more.latency_all(), given_up);
  *sum.mutable_service() = Pool(sum.service(), more.service(), given_up);
  *sum.mutable_lag() = Pool(sum.lag(), more.lag());
  *sum.mutable_first_message() =
      Pool(sum.first_message(), more.first_message(), given_up);
  *sum.mutable_message_gap() = Pool(sum.message_gap(), more.message_gap());
  *sum.mutable_stream_wait() = Pool(sum.stream_wait(), more.stream_wait());
  *sum.mutable_elapsed() = TimeUtil::NanosecondsToDuration(
      TimeUtil::DurationToNanoseconds(sum.elapsed()) +
      TimeUtil::DurationToNanoseconds(more.elapsed()));
  sum.set_messages_sent(sum.messages_sent() + more.messages_sent());
  sum.set_messages_received(sum.messages_received() + more.messages_received());
  sum.set_bytes_sent(sum.bytes_sent() + more.bytes_sent());
  sum.set_bytes_received(sum.bytes_received() + more.bytes_received());
  for (const auto& [name, observed] : more.observed()) {
    auto& slot = (*sum.mutable_observed())[name];
    slot = Pool(slot, observed);
  }
}

double MedianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle]
                                : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace

MeasuredRound ToMeasuredRound(const load::Measurement& measurement,
                              const std::vector<std::string>& observed,
                              const std::vector<std::string>& steps) {
  MeasuredRound round;
  load::Tally all(observed.size());
  for (const load::Tally& step : measurement.steps) all.Merge(step);
  const auto figures = [&](const load::Tally& tally) {
    return load::ToFigures(tally, measurement.window, measurement.ends_by_count,
                           observed, /*with_histograms=*/true);
  };
  round.figures = figures(all);
  if (measurement.steps.size() > 1) {
    for (std::size_t i = 0; i < measurement.steps.size(); ++i) {
      round.steps.emplace(steps[i], figures(measurement.steps[i]));
    }
  }
  round.seconds = measurement.seconds;
  round.connections = measurement.connections;
  return round;
}

void PoolRounds(MeasuredTest& test) {
  test.pooled = MeasuredRound();
  if (test.rounds.empty()) return;
  std::vector<double> throughputs;
  throughputs.reserve(test.rounds.size());
  std::map<std::string, std::vector<double>> step_throughputs;
  for (const MeasuredRound& round : test.rounds) {
    PoolInto(test.pooled.figures, round.figures);
    throughputs.push_back(round.figures.throughput());
    for (const auto& [step, figures] : round.steps) {
      PoolInto(test.pooled.steps[step], figures);
      step_throughputs[step].push_back(figures.throughput());
    }
    auto& connections = test.pooled.connections;
    connections.made = std::max(connections.made, round.connections.made);
    connections.reconnects += round.connections.reconnects;
    connections.connect_times.insert(connections.connect_times.end(),
                                     round.connections.connect_times.begin(),
                                     round.connections.connect_times.end());
  }
  test.pooled.figures.set_throughput(MedianOf(std::move(throughputs)));
  for (auto& [step, values] : step_throughputs) {
    test.pooled.steps[step].set_throughput(MedianOf(std::move(values)));
  }
}

}  // namespace perfrig::runs
