// A few threads for what may block or takes long (files, name resolution,
// serialising), so that those who must not wait do not.
#ifndef PERFRIG_COMMON_SYNC_WORKERS_H_
#define PERFRIG_COMMON_SYNC_WORKERS_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "common/sync/mutex.h"

namespace perfrig {

// Thread-safe.
class Workers {
 public:
  // At most `limit` tasks wait.
  explicit Workers(std::size_t threads = 2, std::size_t limit = 10'000);
  // As Stop.
  ~Workers();

  // RESOURCE_EXHAUSTED where too many wait. After that `task` has not been
  // kept.
  absl::Status Post(std::function<void()> task);

  // Drops what waits, joins what runs, and refuses whatever comes later. Not
  // on one of its threads.
  void Stop();

 private:
  void Work();

  const std::size_t limit_;
  Mutex mutex_;
  CondVar changed_;
  std::deque<std::function<void()>> tasks_ PERFRIG_GUARDED_BY(mutex_);
  bool stopping_ PERFRIG_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace perfrig

#endif  // PERFRIG_COMMON_SYNC_WORKERS_H_
