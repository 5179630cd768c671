// What was counted over some time: by a lane in a second, by all lanes in a
// round, by all rounds of a test. Merging is exact.
#ifndef PERFRIG_SERVER_LOAD_TALLY_H_
#define PERFRIG_SERVER_LOAD_TALLY_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/stats/histogram.h"
#include "server/load/number_summary.h"

namespace perfrig::load {

inline constexpr int kStatusCodes = 17;

struct Tally {
  explicit Tally(std::size_t metrics = 0) : observed(metrics) {}

  void Merge(const Tally& other);
  void Clear();

  // planned = ok + failed + dropped, once all calls are over.
  std::uint64_t planned = 0;
  // Handed to a connection.
  std::uint64_t sent = 0;
  std::uint64_t ok = 0;
  // Of these `unfinished` were never answered.
  std::uint64_t failed = 0;
  // Sent with a lag of more than 1 ms.
  std::uint64_t late = 0;
  // Planned, never sent, because too many were in flight or the round was
  // stopped.
  std::uint64_t dropped = 0;
  std::uint64_t unfinished = 0;
  // Ok calls that are good.
  std::uint64_t good = 0;
  // Ok calls done inside the window, whenever planned: for throughput. Good
  // ones of these: for goodput.
  std::uint64_t ok_in_window = 0;
  std::uint64_t good_in_window = 0;
  std::array<std::uint64_t, kStatusCodes> statuses{};

  Histogram latency;        // done − planned, of ok calls
  Histogram latency_all;    // the same of all that were answered
  Histogram service;        // done − sent, of ok calls
  Histogram lag;            // sent − planned − stream_wait, of all sent
  Histogram first_message;  // first − planned, of ok calls
  Histogram message_gap;    // between response messages
  Histogram stream_wait;    // for the peer's stream limit, of all sent

  std::uint64_t messages_sent = 0;
  std::uint64_t messages_received = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;

  // Of sessions: a message's planned time to its answer.
  Histogram message_latency;

  // Attempts beyond the first, and the pauses before these.
  std::uint64_t retries = 0;
  Histogram backoff;

  // By number of the observed metric.
  std::vector<NumberSummary> observed;

  // Offsets from the start of the round: first planned, last done.
  Nanos first_planned = kNever;
  Nanos last_done = 0;
};

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_TALLY_H_
