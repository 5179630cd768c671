// The sessions of the Gateway target: how many there are, how each one ends.
#ifndef PERFRIG_SERVER_TARGETS_GATEWAY_SESSION_H_
#define PERFRIG_SERVER_TARGETS_GATEWAY_SESSION_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "google/protobuf/struct.pb.h"
#include "perfrig/target/v1/gateway.pb.h"
#include "perfrig/v1/options.pb.h"

namespace perfrig::targets {

// How a session has ended.
using Closed = target::v1::SessionResponse::Closed;

class OpenSession;

// Thread-safe.
class Sessions {
 public:
  void Configure(const v1::GatewayOptions& options);
  // Counts are zero; those that are open still do not count any more.
  void Clear();
  void Describe(google::protobuf::Struct& state) const;
  [[nodiscard]] std::uint32_t open() const { return open_; }

  // RESOURCE_EXHAUSTED where too many are open.
  absl::StatusOr<std::unique_ptr<OpenSession>> Open(Nanos now);

 private:
  friend class OpenSession;

  std::atomic<std::uint32_t> limit_ = 0;
  std::atomic<Nanos> idle_timeout_ = 0;
  std::atomic<Nanos> heartbeat_ = 0;
  // Counts Clears.
  std::atomic<std::uint64_t> epoch_ = 0;
  std::atomic<std::uint32_t> open_ = 0;
  std::atomic<std::uint64_t> opened_ = 0;
  std::atomic<std::uint64_t> messages_ = 0;
  std::array<std::atomic<std::uint64_t>, Closed::Reason_ARRAYSIZE> closed_{};
};

// One of them, until it is destroyed. For one script.
class OpenSession {
 public:
  OpenSession(Sessions& sessions, std::uint64_t number, Nanos now);
  ~OpenSession();

  OpenSession(const OpenSession&) = delete;
  OpenSession& operator=(const OpenSession&) = delete;

  // The client has sent something; something has gone to it.
  void Heard(Nanos now);
  void Sent(Nanos now) { quiet_since_ = now; }
  // One more was answered.
  std::uint64_t CountMessage();
  void Close(Closed::Reason reason) { reason_ = reason; }
  // Whatever ended it, where it was not closed.
  void End(const absl::Status& status);

  [[nodiscard]] std::uint64_t number() const { return number_; }
  // When the client has been silent for too long.
  [[nodiscard]] Nanos IdleAt() const { return heard_ + idle_timeout_; }
  // When a heartbeat is due.
  [[nodiscard]] Nanos BeatAt() const;
  // When a write that begins now has been waited for long enough.
  [[nodiscard]] Nanos WriteBy(Nanos now) const { return now + idle_timeout_; }

 private:
  Sessions& sessions_;
  const std::uint64_t epoch_;
  const std::uint64_t number_;
  const Nanos idle_timeout_;
  const Nanos heartbeat_;
  Nanos heard_;
  Nanos quiet_since_;
  std::uint64_t messages_ = 0;
  Closed::Reason reason_ = Closed::REASON_UNSPECIFIED;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_GATEWAY_SESSION_H_
