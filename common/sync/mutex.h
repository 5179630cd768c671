// A mutex that clang's thread-safety analysis understands.
//
//   Mutex mutex_;
//   int value_ PERFRIG_GUARDED_BY(mutex_);
//   …
//   MutexLock lock(mutex_);
//   while (value_ == 0) changed_.Wait(mutex_);
//
// Wraps std::mutex, because ThreadSanitizer sees through that and not through
// the distribution's absl::Mutex.
#ifndef PERFRIG_COMMON_SYNC_MUTEX_H_
#define PERFRIG_COMMON_SYNC_MUTEX_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#if defined(__clang__)
#define PERFRIG_ANNOTATION(x) __attribute__((x))
#else
#define PERFRIG_ANNOTATION(x)
#endif

#define PERFRIG_GUARDED_BY(x) PERFRIG_ANNOTATION(guarded_by(x))
#define PERFRIG_PT_GUARDED_BY(x) PERFRIG_ANNOTATION(pt_guarded_by(x))
#define PERFRIG_REQUIRES(...) \
  PERFRIG_ANNOTATION(requires_capability(__VA_ARGS__))
#define PERFRIG_EXCLUDES(...) PERFRIG_ANNOTATION(locks_excluded(__VA_ARGS__))

namespace perfrig {

class PERFRIG_ANNOTATION(capability("mutex")) Mutex {
 public:
  void Lock() PERFRIG_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  void Unlock() PERFRIG_ANNOTATION(release_capability()) { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class PERFRIG_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) PERFRIG_ANNOTATION(acquire_capability(mutex))
      : mutex_(mutex) {
    mutex_.Lock();
  }
  ~MutexLock() PERFRIG_ANNOTATION(release_capability()) { mutex_.Unlock(); }

  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits are absolute and on the steady clock; wake-ups may be spurious.
class CondVar {
 public:
  void Wait(Mutex& mutex) PERFRIG_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }

  // False if `deadline_ns` of the steady clock passed without a wake-up.
  bool WaitUntil(Mutex& mutex, std::int64_t deadline_ns)
      PERFRIG_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    const auto result =
        condition_.wait_until(lock, std::chrono::steady_clock::time_point(
                                        std::chrono::nanoseconds(deadline_ns)));
    lock.release();
    return result == std::cv_status::no_timeout;
  }

  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace perfrig

#endif  // PERFRIG_COMMON_SYNC_MUTEX_H_
