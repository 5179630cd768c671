#include "server/targets/script/scope.h"

#include <utility>

namespace perfrig::targets {

void Scope::Cancel() {
  Wait* taken = nullptr;
  {
    MutexLock lock(mutex_);
    cancelled_ = true;
    if (current_ != nullptr && current_->Cancel()) {
      taken = std::exchange(current_, nullptr);
    }
  }
  if (taken != nullptr) taken->Resume(absl::CancelledError("cancelled"));
}

bool Scope::cancelled() const {
  MutexLock lock(mutex_);
  return cancelled_;
}

bool Scope::Begin(Wait& wait) {
  MutexLock lock(mutex_);
  if (cancelled_) return false;
  current_ = &wait;
  return true;
}

void Scope::End() {
  MutexLock lock(mutex_);
  current_ = nullptr;
}

bool Wait::await_suspend(std::coroutine_handle<> script) {
  if (!scope_.Begin(*this)) {
    status_ = absl::CancelledError("cancelled");
    return false;
  }
  script_ = script;
  Begin();
  // Complete may have come already, here or on another thread.
  return state_.exchange(kSuspended) != kComplete;
}

void Wait::Complete(absl::Status status) {
  scope_.End();
  Resume(std::move(status));
}

void Wait::Resume(absl::Status status) {
  status_ = std::move(status);
  const std::coroutine_handle<> script = script_;
  if (state_.exchange(kComplete) == kSuspended) script.resume();
}

}  // namespace perfrig::targets
