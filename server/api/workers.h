// A few threads for what may block (files, name resolution, serialising for
// many watchers), so that no handler does.
#ifndef PERFRIG_SERVER_API_WORKERS_H_
#define PERFRIG_SERVER_API_WORKERS_H_

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "common/sync/mutex.h"

namespace perfrig::api {

// Thread-safe.
class Workers {
 public:
  // At most `limit` tasks wait.
  explicit Workers(std::size_t threads = 2, std::size_t limit = 10'000);
  // Drops what waits, and joins what runs.
  ~Workers();

  // RESOURCE_EXHAUSTED, with a quota failure, where too many wait. After that
  // `task` has not been kept.
  absl::Status Post(std::function<void()> task);

 private:
  void Work();

  const std::size_t limit_;
  Mutex mutex_;
  CondVar changed_;
  std::deque<std::function<void()>> tasks_ PERFRIG_GUARDED_BY(mutex_);
  bool stopping_ PERFRIG_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace perfrig::api

#endif  // PERFRIG_SERVER_API_WORKERS_H_
