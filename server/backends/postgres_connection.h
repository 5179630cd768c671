// One connection to PostgreSQL that never blocks: the pool's thread polls it.
#ifndef PERFRIG_SERVER_BACKENDS_POSTGRES_CONNECTION_H_
#define PERFRIG_SERVER_BACKENDS_POSTGRES_CONNECTION_H_

#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/backends/postgres_sql.h"

namespace perfrig::backends {

struct FreeCancel {
  void operator()(PGcancel* cancel) const { PQfreeCancel(cancel); }
};
using PostgresCancel = std::unique_ptr<PGcancel, FreeCancel>;

// libpq's keywords and values.
using PostgresParameters = std::vector<std::pair<std::string, std::string>>;

// Of one thread. Always in pipeline mode: the commands of a trip go out
// together and their results come back together.
class PostgresConnection {
 public:
  enum class State { kClosed, kConnecting, kIdle, kBusy };

  [[nodiscard]] State state() const { return state_; }

  // From kClosed to kConnecting, or an error. Looking up a host's name is the
  // one thing that blocks here: libpq has no other way.
  absl::Status Connect(const PostgresParameters& parameters);
  // From kIdle to kBusy, or an error, which closes. Without BEGIN all commands
  // are one transaction.
  absl::Status Send(const std::vector<PostgresCommand>& commands);
  void Close();

  // What to poll for; not closed.
  [[nodiscard]] int fd() const { return PQsocket(connection_.get()); }
  [[nodiscard]] int events() const { return events_; }
  // After the poll said something. UNAVAILABLE: the connection is lost and
  // closed.
  absl::Status Advance();

  // The results of a trip that has ended, in order of its commands: up to the
  // first error, if there was one. Nothing while it goes on.
  std::optional<std::vector<PostgresResult>> TakeResults();
  // A transaction is open. kIdle.
  [[nodiscard]] bool in_transaction() const {
    return PQtransactionStatus(connection_.get()) != PQTRANS_IDLE;
  }
  // To stop what runs, from another thread.
  [[nodiscard]] PostgresCancel MakeCancel() const {
    return PostgresCancel(PQgetCancel(connection_.get()));
  }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };

  absl::Status Lost();
  absl::Status AdvanceConnecting();
  // Writes what is left to write.
  bool Flush();
  void ReadResults();

  State state_ = State::kClosed;
  std::unique_ptr<PGconn, Finish> connection_;
  int events_ = 0;
  std::vector<PostgresResult> results_;
  bool failed_ = false;
  bool ended_ = false;
};

}  // namespace perfrig::backends

#endif  // PERFRIG_SERVER_BACKENDS_POSTGRES_CONNECTION_H_
