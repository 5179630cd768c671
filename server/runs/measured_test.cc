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
  sum.set_good(sum.good() + more.good());
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
  *sum.mutable_message_latency() =
      Pool(sum.message_latency(), more.message_latency());
  *sum.mutable_backoff() = Pool(sum.backoff(), more.backoff());
  sum.set_retries(sum.retries() + more.retries());
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

// All groups together; in its window is what is in each group's own.
load::Tally PoolGroups(const std::vector<load::Tally>& groups,
                       const std::vector<load::GroupEnd>& ends) {
  load::Tally all;
  std::uint64_t ok = 0;
  std::uint64_t good = 0;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const load::Tally& group = groups[i];
    all.Merge(group);
    ok += ends[i].ends_by_count ? group.ok : group.ok_in_window;
    good += ends[i].ends_by_count ? group.good : group.good_in_window;
  }
  all.ok_in_window = ok;
  all.good_in_window = good;
  return all;
}

// The window of all groups together: the longest.
load::GroupEnd LongestOf(const std::vector<load::Tally>& groups,
                         const std::vector<load::GroupEnd>& ends) {
  load::GroupEnd longest;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Nanos window =
        ends[i].ends_by_count ? load::Elapsed(groups[i]) : ends[i].window;
    longest.window = std::max(longest.window, window);
  }
  return longest;
}

double MedianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle]
                                : (values[middle - 1] + values[middle]) / 2;
}

void PoolFigures(const std::vector<const v1::Figures*>& rounds,
                 v1::Figures& sum) {
  std::vector<double> throughputs;
  std::vector<double> goodputs;
  for (const v1::Figures* round : rounds) {
    PoolInto(sum, *round);
    throughputs.push_back(round->throughput());
    goodputs.push_back(round->goodput());
  }
  sum.set_throughput(MedianOf(std::move(throughputs)));
  sum.set_goodput(MedianOf(std::move(goodputs)));
}

}  // namespace

MeasuredRound ToMeasuredRound(const load::Measurement& measurement,
                              const FigureNames& names) {
  MeasuredRound round;
  const auto figures = [&](const load::Tally& tally,
                           const load::GroupEnd& end) {
    return load::ToFigures(tally, end.window, end.ends_by_count, names.observed,
                           /*with_histograms=*/true);
  };
  std::vector<load::Tally> groups(names.groups.size(),
                                  load::Tally(names.observed.size()));
  for (std::size_t i = 0; i < measurement.steps.size(); ++i) {
    const auto& [group, name] = names.steps[i];
    groups[group].Merge(measurement.steps[i]);
    if (name == names.groups[group]) continue;
    round.steps.emplace(
        name, figures(measurement.steps[i], measurement.groups[group]));
  }
  if (groups.size() == 1) {
    round.figures = figures(groups[0], measurement.groups[0]);
  } else {
    round.figures = figures(PoolGroups(groups, measurement.groups),
                            LongestOf(groups, measurement.groups));
    for (std::size_t i = 0; i < groups.size(); ++i) {
      round.steps.emplace(names.groups[i],
                          figures(groups[i], measurement.groups[i]));
    }
  }
  round.seconds = measurement.seconds;
  round.connections = measurement.connections;
  return round;
}

void PoolRounds(MeasuredTest& test) {
  test.pooled = MeasuredRound();
  if (test.rounds.empty()) return;
  std::vector<const v1::Figures*> of_test;
  std::map<std::string, std::vector<const v1::Figures*>> of_steps;
  for (const MeasuredRound& round : test.rounds) {
    of_test.push_back(&round.figures);
    for (const auto& [step, figures] : round.steps) {
      of_steps[step].push_back(&figures);
    }
    auto& connections = test.pooled.connections;
    connections.made = std::max(connections.made, round.connections.made);
    connections.reconnects += round.connections.reconnects;
    connections.connect_times.insert(connections.connect_times.end(),
                                     round.connections.connect_times.begin(),
                                     round.connections.connect_times.end());
  }
  PoolFigures(of_test, test.pooled.figures);
  for (const auto& [step, rounds] : of_steps) {
    PoolFigures(rounds, test.pooled.steps[step]);
  }
}

}  // namespace perfrig::runs
