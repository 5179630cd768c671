// An answer that comes later, once, unless nobody wants it any more.
//
//   auto pending = MakePending<absl::Status>([](absl::Status status) { … });
//   tier.Delete(key, deadline, pending);
//   …
//   if (pending->Withdraw()) …  // it will never be called back
//
// Who asks makes it and keeps a reference for as long as it may withdraw; who
// answers keeps one until it has. A coroutine waits by making one whose
// callback completes its wait, and whose Withdraw is the wait's Cancel.
#ifndef PERFRIG_SERVER_CACHE_PENDING_H_
#define PERFRIG_SERVER_CACHE_PENDING_H_

#include <functional>
#include <memory>
#include <utility>

#include "common/sync/mutex.h"

namespace perfrig::cache {

// Thread-safe.
template <class T>
class Pending {
 public:
  using Callback = std::function<void(T)>;

  explicit Pending(Callback callback) : callback_(std::move(callback)) {}
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;

  // Calls back on this thread. False: withdrawn or answered before.
  bool Answer(T answer) {
    Callback callback;
    if (!End(callback)) return false;
    callback(std::move(answer));
    return true;
  }

  // True: the callback will never run. False: it has run, is running, or was
  // withdrawn before.
  bool Withdraw() {
    Callback callback;
    return End(callback, /*withdrawn=*/true);
  }

  // What a withdrawal does, in place of what was set before. It may run under a
  // lock of whoever withdraws: it takes things out of queues or hands on what
  // is to be done, and calls nobody back. False: withdrawn already, nobody
  // waits; `stop` is neither kept nor run.
  bool OnWithdraw(std::function<void()> stop) {
    MutexLock lock(mutex_);
    if (ended_) return false;
    stop_.swap(stop);
    return true;
  }

 private:
  // False if it ended before. What the captures own ends without the lock.
  bool End(Callback& callback, bool withdrawn = false) {
    std::function<void()> stop;
    {
      MutexLock lock(mutex_);
      if (ended_) return false;
      ended_ = true;
      callback.swap(callback_);
      stop.swap(stop_);
    }
    if (withdrawn && stop) stop();
    return true;
  }

  Mutex mutex_;
  bool ended_ PERFRIG_GUARDED_BY(mutex_) = false;
  Callback callback_ PERFRIG_GUARDED_BY(mutex_);
  std::function<void()> stop_ PERFRIG_GUARDED_BY(mutex_);
};

// Shared by who asks and who answers.
template <class T>
using PendingPtr = std::shared_ptr<Pending<T>>;

template <class T>
PendingPtr<T> MakePending(typename Pending<T>::Callback callback) {
  return std::make_shared<Pending<T>>(std::move(callback));
}

}  // namespace perfrig::cache

#endif  // PERFRIG_SERVER_CACHE_PENDING_H_
