#include "server/targets/pending_waits.h"

#include <vector>

namespace perfrig::targets {

absl::Status PendingWaits::Add(Listed& wait) {
  MutexLock lock(mutex_);
  if (wait.state_ == Listed::State::kOver) {
    return absl::CancelledError("cancelled");
  }
  if (!ended_.ok()) return ended_;
  wait.state_ = Listed::State::kListed;
  wait.place_ = listed_.insert(listed_.end(), &wait);
  return absl::OkStatus();
}

void PendingWaits::Remove(Listed& wait) {
  MutexLock lock(mutex_);
  if (wait.state_ == Listed::State::kListed) listed_.erase(wait.place_);
  wait.state_ = Listed::State::kOver;
}

void PendingWaits::End(const absl::Status& status, bool and_later) {
  std::vector<Listed*> taken;
  {
    MutexLock lock(mutex_);
    if (and_later) ended_ = status;
    for (auto next = listed_.begin(); next != listed_.end();) {
      const auto each = next++;
      // One that is just being answered removes itself.
      if (!(*each)->Withdraw()) continue;
      (*each)->state_ = Listed::State::kOver;
      taken.push_back(*each);
      listed_.erase(each);
    }
  }
  for (Listed* const wait : taken) wait->Complete(status);
}

void PendingWaits::Listed::Begin() {
  const absl::Status status = waits_.Add(*this);
  if (status.ok()) {
    Start();
  } else if (Withdraw()) {
    Complete(status);
  }
}

bool PendingWaits::Listed::Cancel() {
  if (!Withdraw()) return false;
  waits_.Remove(*this);
  return true;
}

}  // namespace perfrig::targets
