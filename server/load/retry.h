// Further attempts of calls that failed: when, and what the earlier ones did.
// Pure; all times are on the clock.
//
//   attempts.Begin(planned, now + timeout);
//   if (const auto due = attempts.TryAgain(policy, outcome, random)) {
//     …  // at *due: attempts.Started(), and the request once more
//   }
#ifndef PERFRIG_SERVER_LOAD_RETRY_H_
#define PERFRIG_SERVER_LOAD_RETRY_H_

#include <cstdint>
#include <optional>
#include <random>
#include <string_view>

#include "common/time/clock.h"
#include "server/drivers/driver.h"

namespace perfrig::load {

// The trailer in which a server says after how many milliseconds it wants to
// be asked again; below 0, or no number: never.
inline constexpr std::string_view kPushbackTrailer = "grpc-retry-pushback-ms";

struct RetryPolicy {
  // With the first one.
  std::uint32_t attempts = 1;
  // Before the second attempt; each further one is `factor` times the one
  // before, `longest` at most.
  Nanos backoff = 100 * kMillisecond;
  double factor = 2;
  Nanos longest = 10 * kSecond;
  // Share by which a pause is longer or shorter at random.
  double jitter = 0.2;
  // Bit n: status n is tried again.
  std::uint32_t statuses = 0;
};

// What the attempts of a call before the last one did.
struct EarlierAttempts {
  // Whether one of them was sent; lag and wait are those of the first that was.
  bool sent = false;
  Nanos lag = 0;
  Nanos stream_wait = 0;
  // Of all of them.
  std::uint64_t messages_sent = 0;
  std::uint64_t messages_received = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
};

// The attempts of one call after the other.
class Attempts {
 public:
  // A new call, whose attempts begin before `deadline`.
  void Begin(Nanos planned, Nanos deadline) {
    count_ = 1;
    planned_ = planned;
    deadline_ = deadline;
  }
  // The attempt at hand ended so: when the next one is due; nothing if its end
  // is that of the call.
  std::optional<Nanos> TryAgain(const RetryPolicy& policy,
                                const drivers::Outcome& outcome,
                                std::mt19937_64& random);
  // The next one starts at `now`: the pause before it.
  Nanos Started(Nanos now);

  // With the one at hand; 1 for a call that was not tried again.
  [[nodiscard]] std::uint32_t count() const { return count_; }
  [[nodiscard]] Nanos deadline() const { return deadline_; }
  // When the attempt at hand was planned.
  [[nodiscard]] Nanos planned() const { return planned_; }
  // Null for a call that was not tried again.
  [[nodiscard]] const EarlierAttempts* earlier() const {
    return count_ > 1 ? &earlier_ : nullptr;
  }

 private:
  // Nothing: the server wants no more.
  std::optional<Nanos> Pause(const RetryPolicy& policy,
                             const drivers::Outcome& outcome,
                             std::mt19937_64& random);
  void Add(const drivers::Outcome& outcome);

  std::uint32_t count_ = 1;
  Nanos planned_ = 0;
  Nanos deadline_ = kNever;
  Nanos ended_ = 0;
  // Of the next pause, without chance.
  double backoff_ = 0;
  EarlierAttempts earlier_;
};

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_RETRY_H_
