#include "server/targets/script/elsewhere.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace perfrig::targets {
namespace {

// Those of all Elsewheres are as good as this one's.
thread_local bool is_elsewhere = false;

std::size_t Threads() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 2, 8);
}

}  // namespace

Elsewhere::Elsewhere() : workers_(Threads()) {}

Elsewhere::Going Elsewhere::Go(Scope& scope) { return {*this, scope}; }

absl::Status Elsewhere::Post(std::function<void()> task) {
  return workers_.Post([task = std::move(task)] {
    is_elsewhere = true;
    task();
  });
}

void Elsewhere::RunNext() {
  Going* next = nullptr;
  {
    MutexLock lock(mutex_);
    --tasks_;
    // Whoever was cancelled has left.
    if (waiting_.empty()) return;
    next = waiting_.front();
    waiting_.pop_front();
    next->state_ = Going::State::kOver;
  }
  next->Complete(absl::OkStatus());
}

absl::Status Elsewhere::Add(Going& going) {
  MutexLock lock(mutex_);
  if (going.state_ == Going::State::kOver) {
    return absl::CancelledError("cancelled");
  }
  // That of one that was cancelled will do.
  if (tasks_ == waiting_.size()) {
    absl::Status posted = Post([this] { RunNext(); });
    if (!posted.ok()) return posted;
    ++tasks_;
  }
  going.state_ = Going::State::kWaiting;
  going.place_ = waiting_.insert(waiting_.end(), &going);
  return absl::OkStatus();
}

bool Elsewhere::Going::await_ready() const noexcept { return is_elsewhere; }

bool Elsewhere::Going::await_suspend(std::coroutine_handle<> script) {
  if (!Wait::await_suspend(script)) return false;
  absl::Status added = elsewhere_.Add(*this);
  // Else it may be gone by now.
  if (!added.ok()) Complete(std::move(added));
  return true;
}

bool Elsewhere::Going::Cancel() {
  MutexLock lock(elsewhere_.mutex_);
  const bool waits = state_ == State::kWaiting;
  if (waits) elsewhere_.waiting_.erase(place_);
  state_ = State::kOver;
  return waits;
}

}  // namespace perfrig::targets
