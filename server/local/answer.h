// Waits on this thread for what a cache answers later, or has answered at once.
//
//   Answer<absl::Status> answer;
//   tier.Delete(key, deadline, answer.Ask());
//   RETURN_IF_ERROR(answer.Wait());
#ifndef PERFRIG_SERVER_LOCAL_ANSWER_H_
#define PERFRIG_SERVER_LOCAL_ANSWER_H_

#include <optional>
#include <utility>

#include "common/sync/mutex.h"
#include "server/cache/pending.h"

namespace perfrig::local {

// One question at a time, whose answer is waited for.
template <class T>
class Answer {
 public:
  cache::PendingPtr<T> Ask() {
    return cache::MakePending<T>([this](T answer) {
      MutexLock lock(mutex_);
      answer_.emplace(std::move(answer));
      answered_.NotifyOne();
    });
  }

  T Wait() {
    MutexLock lock(mutex_);
    while (!answer_) answered_.Wait(mutex_);
    T answer = *std::move(answer_);
    answer_.reset();
    return answer;
  }

 private:
  Mutex mutex_;
  CondVar answered_;
  std::optional<T> answer_ PERFRIG_GUARDED_BY(mutex_);
};

}  // namespace perfrig::local

#endif  // PERFRIG_SERVER_LOCAL_ANSWER_H_
