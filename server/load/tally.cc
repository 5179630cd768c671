#include "server/load/tally.h"

#include <algorithm>

namespace perfrig::load {

void Tally::Merge(const Tally& other) {
  planned += other.planned;
  sent += other.sent;
  ok += other.ok;
  failed += other.failed;
  late += other.late;
  dropped += other.dropped;
  unfinished += other.unfinished;
  good += other.good;
  ok_in_window += other.ok_in_window;
  good_in_window += other.good_in_window;
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    statuses[i] += other.statuses[i];
  }
  latency.Merge(other.latency);
  latency_all.Merge(other.latency_all);
  service.Merge(other.service);
  lag.Merge(other.lag);
  first_message.Merge(other.first_message);
  message_gap.Merge(other.message_gap);
  stream_wait.Merge(other.stream_wait);
  messages_sent += other.messages_sent;
  messages_received += other.messages_received;
  bytes_sent += other.bytes_sent;
  bytes_received += other.bytes_received;
  message_latency.Merge(other.message_latency);
  retries += other.retries;
  backoff.Merge(other.backoff);
  if (observed.size() < other.observed.size()) {
    observed.resize(other.observed.size());
  }
  for (std::size_t i = 0; i < other.observed.size(); ++i) {
    observed[i].Merge(other.observed[i]);
  }
  first_planned = std::min(first_planned, other.first_planned);
  last_done = std::max(last_done, other.last_done);
}

void Tally::Clear() {
  planned = sent = ok = failed = late = dropped = unfinished = 0;
  good = ok_in_window = good_in_window = 0;
  statuses.fill(0);
  latency.Clear();
  latency_all.Clear();
  service.Clear();
  lag.Clear();
  first_message.Clear();
  message_gap.Clear();
  stream_wait.Clear();
  messages_sent = messages_received = bytes_sent = bytes_received = 0;
  message_latency.Clear();
  retries = 0;
  backoff.Clear();
  for (NumberSummary& summary : observed) summary.Clear();
  first_planned = kNever;
  last_done = 0;
}

}  // namespace perfrig::load
