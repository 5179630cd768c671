// One of a pool's connections over its life: connects, works for one call after
// the other, gives up what takes too long, connects again.
#ifndef PERFRIG_SERVER_BACKENDS_POSTGRES_SESSION_H_
#define PERFRIG_SERVER_BACKENDS_POSTGRES_SESSION_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "common/time/clock.h"
#include "server/backends/postgres_connection.h"
#include "server/backends/postgres_work.h"

namespace perfrig::backends {

// Of one thread, but for CancelSent.
class PostgresSession {
 public:
  struct Limits {
    Nanos connect;
    Nanos statement;
  };
  // A call whose work is done.
  struct Ended {
    std::uint64_t ticket;
    absl::StatusOr<PostgresWork::Results> results;
    Nanos began;
  };

  PostgresSession(PostgresParameters parameters, const Limits& limits)
      : parameters_(std::move(parameters)), limits_(limits) {}

  // Takes work now.
  [[nodiscard]] bool free() const {
    return connection_.state() == PostgresConnection::State::kIdle && !call_ &&
           !cancelling_;
  }
  [[nodiscard]] bool working() const { return call_.has_value(); }
  [[nodiscard]] bool connected() const {
    return connection_.state() >= PostgresConnection::State::kIdle;
  }
  // Neither up nor on its way.
  [[nodiscard]] bool down() const {
    return connection_.state() == PostgresConnection::State::kClosed;
  }
  // Why it is down.
  [[nodiscard]] const absl::Status& lost() const { return lost_; }

  // Free. Leads to one Ended.
  void Begin(std::uint64_t ticket, std::unique_ptr<PostgresWork> work,
             Nanos now);
  // The work of `ticket` need not be done any more. What to send to the server,
  // after which CancelSent must be called; null where there is nothing to stop.
  PostgresCancel Stop(std::uint64_t ticket);
  // From any thread.
  void CancelSent() { cancelling_ = false; }
  // Whatever it is at, it ends with `why`.
  void GiveUp(const absl::Status& why, Nanos now);

  // Connects, and gives up what has taken too long.
  void CheckTime(Nanos now);
  // When CheckTime has something to do.
  [[nodiscard]] Nanos due() const { return due_; }
  // -1 where there is nothing to poll.
  [[nodiscard]] int fd() const { return down() ? -1 : connection_.fd(); }
  [[nodiscard]] int events() const { return connection_.events(); }
  // The poll said something.
  void Advance(Nanos now);

  // What has ended since this was last asked.
  std::optional<Ended> TakeEnded();

 private:
  struct Call {
    std::uint64_t ticket;
    std::unique_ptr<PostgresWork> work;
    Nanos began;
  };

  void NextTrip(Nanos now);
  void EndCall();
  void WentDown(const absl::Status& why, Nanos now);

  const PostgresParameters parameters_;
  const Limits limits_;
  PostgresConnection connection_;
  std::optional<Call> call_;
  std::optional<Ended> ended_;
  Nanos due_ = 0;
  Nanos pause_ = 0;
  absl::Status lost_;
  std::atomic<bool> cancelling_ = false;
};

}  // namespace perfrig::backends

#endif  // PERFRIG_SERVER_BACKENDS_POSTGRES_SESSION_H_
