// Tells a PostgreSQL server to stop what a connection runs. libpq can only do
// that blocking, over a connection of its own: so on a thread of its own.
#ifndef PERFRIG_SERVER_BACKENDS_POSTGRES_CANCELLER_H_
#define PERFRIG_SERVER_BACKENDS_POSTGRES_CANCELLER_H_

#include <deque>
#include <functional>
#include <thread>
#include <utility>

#include "common/sync/mutex.h"
#include "server/backends/postgres_connection.h"

namespace perfrig::backends {

class PostgresCanceller {
 public:
  using Done = std::function<void()>;

  PostgresCanceller();
  // Those that wait are not sent any more.
  ~PostgresCanceller();

  PostgresCanceller(const PostgresCanceller&) = delete;
  PostgresCanceller& operator=(const PostgresCanceller&) = delete;

  // Calls `done` on this thread once the server has been told, or could not be:
  // until then the next command on the connection could be hit instead.
  void Send(PostgresCancel cancel, Done done);

 private:
  void Run();

  Mutex mutex_;
  CondVar changed_;
  std::deque<std::pair<PostgresCancel, Done>> waiting_
      PERFRIG_GUARDED_BY(mutex_);
  bool ends_ PERFRIG_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace perfrig::backends

#endif  // PERFRIG_SERVER_BACKENDS_POSTGRES_CANCELLER_H_
