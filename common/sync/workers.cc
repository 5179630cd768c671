#include "common/sync/workers.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace perfrig {

Workers::Workers(std::size_t threads, std::size_t limit) : limit_(limit) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { Work(); });
  }
}

Workers::~Workers() { Stop(); }

void Workers::Stop() {
  std::deque<std::function<void()>> dropped;
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    dropped.swap(tasks_);
  }
  changed_.NotifyAll();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

absl::Status Workers::Post(std::function<void()> task) {
  {
    MutexLock lock(mutex_);
    if (tasks_.size() >= limit_ || stopping_) {
      return absl::ResourceExhaustedError(
          absl::StrCat(tasks_.size(), " requests wait for a worker already"));
    }
    tasks_.push_back(std::move(task));
  }
  changed_.NotifyOne();
  return absl::OkStatus();
}

void Workers::Work() {
  for (;;) {
    std::function<void()> task;
    {
      MutexLock lock(mutex_);
      while (tasks_.empty() && !stopping_) changed_.Wait(mutex_);
      if (stopping_) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace perfrig
