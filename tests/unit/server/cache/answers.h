// What was asked of a cache, and what came of it.
//
//   Answers<absl::Status> answers;
//   tier.Delete("a", deadline, answers.Ask());
//   EXPECT_TRUE(answers.at(0).ok());
#ifndef PERFRIG_TESTS_UNIT_SERVER_CACHE_ANSWERS_H_
#define PERFRIG_TESTS_UNIT_SERVER_CACHE_ANSWERS_H_

#include <cstddef>
#include <utility>
#include <vector>

#include "common/sync/mutex.h"
#include "server/cache/pending.h"

namespace perfrig::cache {

// Thread-safe; outlives what it asked.
template <class T>
class Answers {
 public:
  PendingPtr<T> Ask() {
    return MakePending<T>([this](T answer) {
      MutexLock lock(mutex_);
      answers_.push_back(std::move(answer));
      changed_.NotifyAll();
    });
  }

  [[nodiscard]] std::size_t size() const {
    MutexLock lock(mutex_);
    return answers_.size();
  }
  // In the order of answers. Waits for it.
  T at(std::size_t index) {
    MutexLock lock(mutex_);
    while (answers_.size() <= index) changed_.Wait(mutex_);
    return answers_[index];
  }
  T last() {
    MutexLock lock(mutex_);
    return answers_.back();
  }

 private:
  mutable Mutex mutex_;
  CondVar changed_;
  std::vector<T> answers_ PERFRIG_GUARDED_BY(mutex_);
};

}  // namespace perfrig::cache

#endif  // PERFRIG_TESTS_UNIT_SERVER_CACHE_ANSWERS_H_
