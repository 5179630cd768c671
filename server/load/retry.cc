#include "server/load/retry.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>

namespace perfrig::load {
namespace {

const std::string* PushbackOf(const drivers::Outcome& outcome) {
  if (outcome.trailers == nullptr) return nullptr;
  for (const drivers::Header& trailer : *outcome.trailers) {
    if (trailer.name == kPushbackTrailer) return &trailer.value;
  }
  return nullptr;
}

std::optional<Nanos> ParsePushback(const std::string& text) {
  std::int32_t milliseconds = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, milliseconds);
  if (error != std::errc() || rest != end || milliseconds < 0) {
    return std::nullopt;
  }
  return milliseconds * kMillisecond;
}

}  // namespace

std::optional<Nanos> Attempts::TryAgain(const RetryPolicy& policy,
                                        const drivers::Outcome& outcome,
                                        std::mt19937_64& random) {
  const bool again = count_ < policy.attempts && outcome.status >= 0 &&
                     outcome.status < 32 &&
                     (policy.statuses >> outcome.status & 1) != 0;
  if (!again) return std::nullopt;
  const std::optional<Nanos> pause = Pause(policy, outcome, random);
  if (!pause || *pause >= deadline_ - outcome.done) return std::nullopt;
  if (count_ == 1) earlier_ = {};
  Add(outcome);
  ++count_;
  ended_ = outcome.done;
  planned_ = outcome.done + *pause;
  return planned_;
}

std::optional<Nanos> Attempts::Pause(const RetryPolicy& policy,
                                     const drivers::Outcome& outcome,
                                     std::mt19937_64& random) {
  const auto first = static_cast<double>(policy.backoff);
  if (const std::string* pushback = PushbackOf(outcome)) {
    // As gRPC does it, pauses begin anew after one that the server chose.
    backoff_ = first;
    return ParsePushback(*pushback);
  }
  if (count_ == 1) backoff_ = first;
  const auto longest = static_cast<double>(policy.longest);
  const double pause = std::min(backoff_, longest);
  backoff_ = std::min(backoff_ * policy.factor, longest);
  std::uniform_real_distribution<double> chance(-policy.jitter, policy.jitter);
  const double share = policy.jitter > 0 ? chance(random) : 0;
  return static_cast<Nanos>(std::min(pause * (1 + share), longest));
}

void Attempts::Add(const drivers::Outcome& outcome) {
  if (outcome.sent == 0) return;
  if (!earlier_.sent) {
    earlier_.sent = true;
    earlier_.lag = outcome.sent - planned_ - outcome.stream_wait;
    earlier_.stream_wait = outcome.stream_wait;
  }
  earlier_.messages_sent += outcome.messages_sent;
  earlier_.messages_received += outcome.messages_received;
  earlier_.bytes_sent += outcome.bytes_sent;
  earlier_.bytes_received += outcome.bytes_received;
}

Nanos Attempts::Started(Nanos now) { return now - ended_; }

}  // namespace perfrig::load
