// The Database target's real back end: so many connections to a PostgreSQL
// server, and calls that wait for one in order of arrival.
//
//   ASSIGN_OR_RETURN(auto pool, PostgresPool::Create(
//       {.conninfo = "host=db dbname=bench"}, clock));
//   ASSIGN_OR_RETURN(auto ticket, pool->Run(statements, PostgresWay::kBatch,
//       [](PostgresReply reply) { … }));
//   if (pool->Cancel(ticket)) return;  // The callback never runs.
//
// One thread talks to all connections, so that no caller ever waits: see
// postgres_sql.h for the tables, which are made and filled when they are first
// asked for.
#ifndef PERFRIG_SERVER_BACKENDS_POSTGRES_POOL_H_
#define PERFRIG_SERVER_BACKENDS_POSTGRES_POOL_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/sync/mutex.h"
#include "common/time/clock.h"
#include "server/backends/postgres_canceller.h"
#include "server/backends/postgres_session.h"
#include "server/backends/postgres_work.h"
#include "server/backends/wake_event.h"

namespace perfrig::backends {

struct PostgresOptions {
  // libpq's: "host=… port=… user=… password=… dbname=…" or a URI.
  std::string conninfo;
  int connections = 20;
  // How many calls may wait for a connection.
  std::size_t queue_limit = 1'000;
  absl::Duration connect_timeout = absl::Seconds(5);
  // Of each statement.
  absl::Duration statement_timeout = absl::Seconds(30);
  SeededRows seeded = {};
};

struct PostgresReply {
  // UNAVAILABLE where the server is or went away, DEADLINE_EXCEEDED after the
  // statement timeout, ABORTED after a conflict of transactions.
  absl::StatusOr<PostgresWork::Results> results;
  // When it got its connection; 0 if it never did.
  Nanos began = 0;
};

// Thread-safe.
class PostgresPool {
 public:
  using Statements = PostgresWork::Statements;
  using Ticket = std::uint64_t;
  using Callback = std::function<void(PostgresReply)>;

  struct Counts {
    // Connections that are up, and those of them that work for a call.
    std::size_t connected = 0;
    std::size_t busy = 0;
    // Calls that wait for a connection.
    std::size_t waiting = 0;
  };

  // INVALID_ARGUMENT for options that cannot be; quotes nothing of `conninfo`,
  // where the password may be.
  static absl::Status Check(const PostgresOptions& options);
  // INVALID_ARGUMENT for what Check refuses; a server that isn't there is
  // no error here: it is tried again and again. `clock` outlives this.
  static absl::StatusOr<std::unique_ptr<PostgresPool>> Create(
      const PostgresOptions& options, const Clock& clock);
  // What waits or runs gets CANCELLED, before this returns.
  ~PostgresPool();

  PostgresPool(const PostgresPool&) = delete;
  PostgresPool& operator=(const PostgresPool&) = delete;

  // Runs `callback` once, later, on the pool's thread; it must not block.
  // RESOURCE_EXHAUSTED: the queue is full, and it never runs. No statements:
  // only with kClear.
  absl::StatusOr<Ticket> Run(Statements statements, PostgresWay way,
                             Callback callback);
  // True: the callback will never run. What waited has left the queue; what ran
  // is stopped, and its connection goes on when the server has said so. False:
  // it has run, is running, or was cancelled before.
  bool Cancel(Ticket ticket);

  [[nodiscard]] Counts counts() const;

 private:
  struct Waiting {
    Ticket ticket;
    std::unique_ptr<PostgresWork> work;
  };

  PostgresPool(const PostgresOptions& options,
               const PostgresParameters& parameters, const Clock& clock);

  void Loop();
  // Everything but waiting; false where the pool ends.
  bool Turn();
  void StopCancelled();
  void Dispatch();
  void FailQueueWithoutServer();
  void Wait();
  void Finish(PostgresSession::Ended ended);
  void End();

  const Clock& clock_;
  const PostgresOptions options_;
  WakeEvent wake_;

  // Of the pool's thread.
  PostgresWork::Tables tables_;
  std::vector<std::unique_ptr<PostgresSession>> sessions_;

  mutable Mutex mutex_;
  Ticket last_ticket_ PERFRIG_GUARDED_BY(mutex_) = 0;
  std::deque<Waiting> queue_ PERFRIG_GUARDED_BY(mutex_);
  // Of what waits and what runs; one that is not here was cancelled.
  std::unordered_map<Ticket, Callback> callbacks_ PERFRIG_GUARDED_BY(mutex_);
  // Running ones that were cancelled since the thread last looked.
  std::vector<Ticket> cancelled_ PERFRIG_GUARDED_BY(mutex_);
  Counts counts_ PERFRIG_GUARDED_BY(mutex_);
  bool ends_ PERFRIG_GUARDED_BY(mutex_) = false;

  // Ends before what its callbacks touch.
  PostgresCanceller canceller_;
  std::thread thread_;
};

}  // namespace perfrig::backends

#endif  // PERFRIG_SERVER_BACKENDS_POSTGRES_POOL_H_
