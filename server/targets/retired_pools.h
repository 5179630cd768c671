// Where a pool of connections goes when nobody uses it any more. To end one
// takes as long as its server likes, and the last to let go of it may be a
// callback of its own: so a thread does it that nobody waits for.
#ifndef PERFRIG_SERVER_TARGETS_RETIRED_POOLS_H_
#define PERFRIG_SERVER_TARGETS_RETIRED_POOLS_H_

#include <memory>
#include <thread>
#include <vector>

#include "common/sync/mutex.h"
#include "server/backends/postgres_pool.h"

namespace perfrig::targets {

// Thread-safe.
class RetiredPools {
 public:
  RetiredPools();
  // All shared pools have been let go of; waits until they have ended.
  ~RetiredPools();

  RetiredPools(const RetiredPools&) = delete;
  RetiredPools& operator=(const RetiredPools&) = delete;

  // The last to let go of it sends it here. Shared by those whose calls it
  // still has to finish when a new one has taken its place.
  std::shared_ptr<backends::PostgresPool> Share(
      std::unique_ptr<backends::PostgresPool> pool);

 private:
  using Pools = std::vector<std::unique_ptr<backends::PostgresPool>>;

  void Retire(std::unique_ptr<backends::PostgresPool> pool);
  void Run();

  Mutex mutex_;
  CondVar changed_;
  Pools pools_ PERFRIG_GUARDED_BY(mutex_);
  bool ends_ PERFRIG_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_RETIRED_POOLS_H_
