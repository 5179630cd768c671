// The connections of the ConnectionPool target: who may have one, which one it
// is, and what that is like.
#ifndef PERFRIG_SERVER_TARGETS_CONNECTIONS_H_
#define PERFRIG_SERVER_TARGETS_CONNECTIONS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/sync/mutex.h"
#include "common/time/clock.h"
#include "common/time/delay_queue.h"
#include "perfrig/target/v1/connection_pool.pb.h"
#include "server/targets/script/stay.h"
#include "server/targets/script/task.h"
#include "server/targets/script/turns.h"

namespace perfrig::targets {

class Connections;

// A connection that somebody has; back in its pool when this is destroyed.
class HeldConnection {
 public:
  HeldConnection(HeldConnection&& other) noexcept
      : pool_(std::exchange(other.pool_, nullptr)),
        turn_(std::move(other.turn_)),
        number_(other.number_),
        reused_(other.reused_),
        open_(other.open_),
        waited_(other.waited_) {}
  HeldConnection(const HeldConnection&) = delete;
  HeldConnection& operator=(const HeldConnection&) = delete;
  HeldConnection& operator=(HeldConnection&&) = delete;
  ~HeldConnection();

  [[nodiscard]] std::uint32_t number() const { return number_; }
  [[nodiscard]] bool reused() const { return reused_; }
  [[nodiscard]] Nanos waited() const { return waited_; }

 private:
  friend class Connections;

  HeldConnection(Connections& pool, Turn turn, Nanos waited);

  Connections* pool_;
  Turn turn_;
  std::uint32_t number_ = 0;
  bool reused_ = false;
  bool open_ = false;
  Nanos waited_ = 0;
};

// Thread-safe.
class Connections {
 public:
  struct Limits {
    std::uint32_t connections = 20;
    std::size_t waiting = 1'000;
  };

  // As those of Turns.
  Connections(const Clock& clock, DelayQueue& delays)
      : clock_(clock), turns_(clock, delays) {}

  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  // Nobody loses a connection: what is too much is closed when it comes back.
  void SetLimits(const Limits& limits);

  // The one that came back last, waited for up to `wait`, and for `open` where
  // it has to be opened; RESOURCE_EXHAUSTED where there was none. `stay` has
  // entered.
  Task<absl::StatusOr<HeldConnection>> Take(Stay& stay, Nanos wait, Nanos open);

  // Closes those that are free, forgets what was counted.
  void Clear();

  // All but what leases know.
  [[nodiscard]] target::v1::StatsResponse Describe() const;

 private:
  friend class HeldConnection;

  struct Counts {
    std::uint64_t acquired = 0;
    std::uint64_t opened = 0;
    std::uint64_t waits = 0;
    Nanos waited = 0;
    Nanos longest_wait = 0;
    std::uint64_t timeouts = 0;
    std::uint64_t refused = 0;
    std::uint64_t exhaustions = 0;
    std::optional<Nanos> recovery;
  };

  void Pick(HeldConnection& held);
  void Return(const HeldConnection& held);
  absl::Status CountFailure(const absl::Status& status, Nanos waited);
  void CloseSurplus() PERFRIG_REQUIRES(mutex_);

  const Clock& clock_;
  Turns turns_;

  mutable Mutex mutex_;
  std::uint32_t size_ PERFRIG_GUARDED_BY(mutex_) = 20;
  std::uint32_t in_use_ PERFRIG_GUARDED_BY(mutex_) = 0;
  // Open and free, the one that came back last at the end.
  std::deque<std::uint32_t> idle_ PERFRIG_GUARDED_BY(mutex_);
  // Numbers below `numbers_` that are not open.
  std::vector<std::uint32_t> closed_ PERFRIG_GUARDED_BY(mutex_);
  std::uint32_t numbers_ PERFRIG_GUARDED_BY(mutex_) = 0;
  Counts counts_ PERFRIG_GUARDED_BY(mutex_);
  // From when none was free until all are; and since when some are again.
  bool exhausted_ PERFRIG_GUARDED_BY(mutex_) = false;
  std::optional<Nanos> first_back_ PERFRIG_GUARDED_BY(mutex_);
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_CONNECTIONS_H_
