#include "server/load/figures.h"

#include <algorithm>

#include "common/status/code_names.h"

namespace perfrig::load {
namespace {

double PerSecond(std::uint64_t calls, Nanos time) {
  return time <= 0
             ? 0
             : static_cast<double>(calls) * 1e9 / static_cast<double>(time);
}

void AddDistributions(const Tally& tally, bool with_histograms,
                      v1::Figures& figures) {
  const auto add = [&](const Histogram& times, auto mutable_distribution,
                       std::uint64_t above = 0) {
    if (times.count() == 0) return;
    *(figures.*mutable_distribution)() =
        ToDistribution(times, with_histograms, above);
  };
  // A rig that gave up must not look fast.
  const std::uint64_t given_up = tally.dropped + tally.unfinished;
  add(tally.latency, &v1::Figures::mutable_latency, given_up);
  add(tally.latency_all, &v1::Figures::mutable_latency_all, given_up);
  add(tally.service, &v1::Figures::mutable_service, given_up);
  add(tally.lag, &v1::Figures::mutable_lag);
  add(tally.first_message, &v1::Figures::mutable_first_message, given_up);
  add(tally.message_gap, &v1::Figures::mutable_message_gap);
  add(tally.stream_wait, &v1::Figures::mutable_stream_wait);
  add(tally.message_latency, &v1::Figures::mutable_message_latency);
  add(tally.backoff, &v1::Figures::mutable_backoff);
}

}  // namespace

Nanos Elapsed(const Tally& tally) {
  if (tally.first_planned == kNever) return 0;
  return std::max<Nanos>(0, tally.last_done - tally.first_planned);
}

v1::Observed ToObserved(const NumberSummary& summary) {
  v1::Observed observed;
  observed.set_count(summary.count());
  observed.set_sum(summary.sum());
  observed.set_min(summary.Min());
  observed.set_max(summary.Max());
  observed.set_mean(summary.Mean());
  observed.set_stddev(summary.StandardDeviation());
  observed.set_p50(summary.Quantile(0.50));
  observed.set_p90(summary.Quantile(0.90));
  observed.set_p95(summary.Quantile(0.95));
  observed.set_p99(summary.Quantile(0.99));
  observed.set_p999(summary.Quantile(0.999));
  return observed;
}

v1::Figures ToFigures(const Tally& tally, Nanos window, bool ends_by_count,
                      const std::vector<std::string>& metric_names,
                      bool with_histograms) {
  v1::Figures figures;
  figures.set_planned(tally.planned);
  figures.set_sent(tally.sent);
  figures.set_ok(tally.ok);
  figures.set_good(tally.good);
  figures.set_failed(tally.failed);
  figures.set_late(tally.late);
  figures.set_dropped(tally.dropped);
  figures.set_unfinished(tally.unfinished);
  for (std::size_t code = 0; code < tally.statuses.size(); ++code) {
    if (tally.statuses[code] == 0) continue;
    const std::string name(StatusName(static_cast<int>(code)));
    (*figures.mutable_statuses())[name] = tally.statuses[code];
  }
  AddDistributions(tally, with_histograms, figures);
  const Nanos elapsed = Elapsed(tally);
  if (ends_by_count) {
    figures.set_throughput(PerSecond(tally.ok, elapsed));
    figures.set_goodput(PerSecond(tally.good, elapsed));
  } else {
    figures.set_throughput(PerSecond(tally.ok_in_window, window));
    figures.set_goodput(PerSecond(tally.good_in_window, window));
  }
  figures.mutable_elapsed()->set_seconds(elapsed / kSecond);
  figures.mutable_elapsed()->set_nanos(
      static_cast<std::int32_t>(elapsed % kSecond));
  figures.set_messages_sent(tally.messages_sent);
  figures.set_messages_received(tally.messages_received);
  figures.set_bytes_sent(tally.bytes_sent);
  figures.set_bytes_received(tally.bytes_received);
  figures.set_retries(tally.retries);
  const std::size_t metrics =
      std::min(metric_names.size(), tally.observed.size());
  for (std::size_t i = 0; i < metrics; ++i) {
    if (tally.observed[i].count() == 0) continue;
    (*figures.mutable_observed())[metric_names[i]] =
        ToObserved(tally.observed[i]);
  }
  return figures;
}

}  // namespace perfrig::load
