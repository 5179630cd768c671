// The PostgreSQL that a Database target may have behind it: scripts that ask
// it, whichever pool of connections is in use at the time.
//
//   RealDatabase real("host=db dbname=bench", clock);
//   real.Open({.connections = 20, .queue_limit = 1'000, .seed = 1});
//   CO_ASSIGN_OR_RETURN(Rows::Results results,
//                       co_await real.Ask(stay, statements, way));
#ifndef PERFRIG_SERVER_TARGETS_REAL_DATABASE_H_
#define PERFRIG_SERVER_TARGETS_REAL_DATABASE_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/sync/mutex.h"
#include "common/time/clock.h"
#include "server/backends/postgres_pool.h"
#include "server/targets/retired_pools.h"
#include "server/targets/script/scope.h"
#include "server/targets/script/stay.h"
#include "server/targets/script/task.h"

namespace perfrig::targets {

// Thread-safe. Whoever asks first after the start, or after Forget, has all
// that was ever written forgotten before, and everybody waits for that; where
// it fails, they get why, and the next one tries again.
class RealDatabase {
 public:
  using Statements = backends::PostgresPool::Statements;
  using Results = backends::PostgresWork::Results;

  // Connections without a limit of calls, and those there are at most.
  static constexpr int kConnectionsWithoutLimit = 90;
  static constexpr int kMostConnections = 1'000;

  struct Limits {
    // 0: no limit.
    std::uint64_t connections = 0;
    // How many more may ask at once.
    std::size_t queue_limit = 1'000;
    // Of the rows of tables that are not there yet.
    std::uint64_t seed = 1;
  };
  struct Counts {
    std::size_t connections = 0;
    std::size_t connected = 0;
    std::size_t busy = 0;
    std::size_t waiting = 0;
  };

  // `conninfo` has passed PostgresPool::Check. `clock` outlives this.
  RealDatabase(std::string conninfo, const Clock& clock);
  // Nobody asks any more.
  ~RealDatabase();

  RealDatabase(const RealDatabase&) = delete;
  RealDatabase& operator=(const RealDatabase&) = delete;

  // For those who ask from now on; who has asked keeps his pool until he is
  // answered, and it ends then.
  void Open(const Limits& limits);
  // Until Open is called again, UNAVAILABLE.
  void Close();
  // What was written, before anybody is answered again.
  void Forget();

  // Errors as PostgresReply says, RESOURCE_EXHAUSTED where too many wait. Waits
  // for a connection count as Phase::kPoolWait, the rest as Phase::kWork.
  Task<absl::StatusOr<Results>> Ask(Stay& stay, const Statements& statements,
                                    backends::PostgresWay way);

  // Of the pool in use; nothing where there is none.
  [[nodiscard]] std::optional<Counts> counts() const;

 private:
  class Asking;
  using Askings = std::list<Asking*>;

  // The status with which it completes at once; nothing where that comes later.
  std::optional<absl::Status> Begin(Asking& asking);
  // Hands it to the pool.
  std::optional<absl::Status> Start(Asking& asking) PERFRIG_REQUIRES(mutex_);
  // So that it is there, or on its way, when the first call comes: filling it
  // takes seconds.
  void MakeTable() PERFRIG_REQUIRES(mutex_);
  absl::Status StartForgetting() PERFRIG_REQUIRES(mutex_);
  void Forgotten(const absl::Status& status);
  bool Cancel(Asking& asking);
  // It is neither held nor in a pool any more.
  bool TakeOut(Asking& asking) PERFRIG_REQUIRES(mutex_);
  void Answer(Asking& asking, backends::PostgresReply reply);

  const std::string conninfo_;
  const Clock& clock_;

  mutable Mutex mutex_;
  Limits limits_ PERFRIG_GUARDED_BY(mutex_);
  int connections_ PERFRIG_GUARDED_BY(mutex_) = 0;
  std::shared_ptr<backends::PostgresPool> pool_ PERFRIG_GUARDED_BY(mutex_);
  // All who ask, in order: those that wait for the forgetting, and those that a
  // pool has.
  Askings held_ PERFRIG_GUARDED_BY(mutex_);
  Askings asked_ PERFRIG_GUARDED_BY(mutex_);
  bool must_forget_ PERFRIG_GUARDED_BY(mutex_) = true;
  // The pool that does so; null: none.
  std::shared_ptr<backends::PostgresPool> forgetting_
      PERFRIG_GUARDED_BY(mutex_);

  // Ends before what the callbacks of pools touch.
  RetiredPools retired_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_REAL_DATABASE_H_
