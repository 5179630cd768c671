#include "server/targets/script/answers.h"

#include <utility>

namespace perfrig::targets {

void Answers::Waiting::Begin() {
  if (!answers_.Begin(*this)) return Complete(absl::CancelledError());
  // Even if the answer comes at once, the script goes on only after this.
  answers_.KeepWithdraw(*this, Start());
}

bool Answers::Begin(Waiting& waiting) {
  MutexLock lock(mutex_);
  if (waiting.state_ == Waiting::State::kUnwanted) return false;
  waiting.state_ = Waiting::State::kAsked;
  waiting.slot_->waiting = &waiting;
  return true;
}

void Answers::KeepWithdraw(Waiting& waiting, Withdraw withdraw) {
  {
    MutexLock lock(mutex_);
    if (waiting.state_ == Waiting::State::kAsked) {
      waiting.withdraw_.swap(withdraw);
      return;
    }
    if (waiting.state_ == Waiting::State::kAnswered) withdraw = nullptr;
  }
  if (withdraw) withdraw();
}

bool Answers::Cancel(Waiting& waiting) {
  Withdraw withdraw;
  {
    MutexLock lock(mutex_);
    if (waiting.state_ == Waiting::State::kNew) {
      waiting.state_ = Waiting::State::kUnwanted;
      return false;
    }
    if (waiting.state_ != Waiting::State::kAsked) return false;
    withdraw = Remove(waiting);
    waiting.state_ = Waiting::State::kUnwanted;
  }
  if (withdraw) withdraw();
  return true;
}

Answers::Waiting* Answers::Take(Slot& slot) {
  Withdraw dropped;
  MutexLock lock(mutex_);
  Waiting* const waiting = slot.waiting;
  if (waiting == nullptr) return nullptr;
  dropped = Remove(*waiting);
  waiting->state_ = Waiting::State::kAnswered;
  return waiting;
}

Answers::Withdraw Answers::Remove(Waiting& waiting) {
  waiting.slot_->waiting = nullptr;
  return std::exchange(waiting.withdraw_, nullptr);
}

}  // namespace perfrig::targets
