#include "server/targets/script/answers.h"

#include <vector>

namespace perfrig::targets {

void Answers::Waiting::Begin() {
  if (!answers_.Begin(*this)) return Complete(std::move(verdict_));
  // Even if the answer comes at once, the script goes on only after this.
  answers_.KeepWithdraw(*this, Start());
}

bool Answers::Begin(Waiting& waiting) {
  MutexLock lock(mutex_);
  if (waiting.state_ == Waiting::State::kUnwanted) return false;
  if (!ended_.ok()) {
    waiting.state_ = Waiting::State::kUnwanted;
    waiting.verdict_ = ended_;
    return false;
  }
  waiting.state_ = Waiting::State::kAsked;
  waiting.slot_->waiting = &waiting;
  waiting.place_ = waiting_.insert(waiting_.end(), &waiting);
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
      waiting.verdict_ = absl::CancelledError("cancelled");
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
  waiting_.erase(waiting.place_);
  waiting.slot_->waiting = nullptr;
  return std::exchange(waiting.withdraw_, nullptr);
}

void Answers::EndWaits(const absl::Status& status, bool and_later) {
  std::vector<Withdraw> withdrawals;
  {
    MutexLock lock(mutex_);
    if (and_later) ended_ = status;
    while (!waiting_.empty()) {
      Waiting& waiting = *waiting_.front();
      withdrawals.push_back(Remove(waiting));
      waiting.state_ = Waiting::State::kUnwanted;
      waiting.verdict_ = status;
      // By the delay queue, so that scripts do not run inside one another.
      delays_.Schedule(clock_.Now(), [&waiting] {
        waiting.Complete(std::move(waiting.verdict_));
      });
    }
  }
  for (const Withdraw& withdraw : withdrawals) {
    if (withdraw) withdraw();
  }
}

}  // namespace perfrig::targets
