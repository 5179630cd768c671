#include "common/sync/detached_work.h"

#include <memory>
#include <thread>
#include <utility>

#include "common/sync/mutex.h"

namespace perfrig {
namespace {

constexpr int kMostThreads = 64;

struct Progress {
  Mutex mutex;
  CondVar changed;
  int threads PERFRIG_GUARDED_BY(mutex) = 0;
};

// Of the whole process, whose threads they are. Never destroyed: a thread may
// outlive everything else.
Progress& Shared() {
  static Progress& shared = *new Progress();
  return shared;
}

}  // namespace

absl::Status AwaitDetached(std::function<void()> work, std::int64_t deadline_ns,
                           const std::stop_token& stop) {
  Progress& shared = Shared();
  // Destroyed without the lock, which it takes itself.
  const std::stop_callback wake(stop, [&shared] {
    MutexLock lock(shared.mutex);
    shared.changed.NotifyAll();
  });
  const auto done = std::make_shared<bool>(false);
  MutexLock lock(shared.mutex);
  bool late = false;
  bool started = false;
  while (!*done) {
    if (stop.stop_requested()) return absl::CancelledError("cancelled");
    if (late) return absl::DeadlineExceededError("no answer in time");
    if (!started && shared.threads < kMostThreads) {
      started = true;
      ++shared.threads;
      std::thread([work = std::exchange(work, nullptr), done,
                   &shared]() mutable {
        work();
        // What it owns is gone before anyone learns of the end.
        work = nullptr;
        MutexLock guard(shared.mutex);
        *done = true;
        --shared.threads;
        shared.changed.NotifyAll();
      }).detach();
    }
    late = !shared.changed.WaitUntil(shared.mutex, deadline_ns);
  }
  return absl::OkStatus();
}

}  // namespace perfrig
