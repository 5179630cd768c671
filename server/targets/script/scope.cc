#include "server/targets/script/scope.h"

#include <utility>

namespace perfrig::targets {

Scope::Scope(Scope* whole) : whole_(whole) {
  MutexLock lock(whole->mutex_);
  whole->part_ = this;
  MutexLock own(mutex_);
  why_ = whole->why_;
}

Scope::~Scope() {
  if (whole_ == nullptr) return;
  MutexLock lock(whole_->mutex_);
  whole_->part_ = nullptr;
}

void Scope::Cancel() {
  Wait* const taken = TakeOut(absl::CancelledError("cancelled"));
  if (taken != nullptr) taken->Resume();
}

Wait* Scope::TakeOut(const absl::Status& why) {
  MutexLock lock(mutex_);
  if (!why_.ok()) return nullptr;
  why_ = why;
  Wait* const of_part = part_ == nullptr ? nullptr : part_->TakeOut(why);
  if (of_part != nullptr) return of_part;
  if (current_ == nullptr || !current_->Cancel()) return nullptr;
  current_->status_ = why;
  return std::exchange(current_, nullptr);
}

bool Scope::cancelled() const {
  MutexLock lock(mutex_);
  return !why_.ok();
}

absl::Status Scope::Begin(Wait& wait) {
  MutexLock lock(mutex_);
  if (why_.ok()) current_ = &wait;
  return why_;
}

absl::Status Scope::End(absl::Status status) {
  MutexLock lock(mutex_);
  current_ = nullptr;
  return absl::IsCancelled(status) && !why_.ok() ? why_ : std::move(status);
}

bool Wait::await_suspend(std::coroutine_handle<> script) {
  status_ = scope_.Begin(*this);
  if (!status_.ok()) return false;
  script_ = script;
  Begin();
  // Complete may have come already, here or on another thread.
  return state_.exchange(kSuspended) != kComplete;
}

void Wait::Complete(absl::Status status) {
  status_ = scope_.End(std::move(status));
  Resume();
}

void Wait::Resume() {
  const std::coroutine_handle<> script = script_;
  if (state_.exchange(kComplete) == kSuspended) script.resume();
}

}  // namespace perfrig::targets
