#include "server/targets/script/turns.h"

#include "absl/strings/str_cat.h"

namespace perfrig::targets {

void Turn::Give() {
  if (turns_ != nullptr) std::exchange(turns_, nullptr)->Give(key_);
}

Turns::Taking Turns::Take(Turn& turn, Scope& scope, std::string_view key,
                          Nanos until) {
  return {*this, turn, scope, key, until};
}

void Turns::SetLimits(const Limits& limits) {
  MutexLock lock(mutex_);
  limits_ = limits;
  Dispatch();
}

Turns::Counts Turns::counts() const {
  MutexLock lock(mutex_);
  return counts_;
}

bool Turns::HasRoom(const Key& key) const {
  return (limits_.turns == 0 || counts_.taken < limits_.turns) &&
         (limits_.turns_of_key == 0 || key.taken < limits_.turns_of_key);
}

bool Turns::Begin(Taking& taking) {
  MutexLock lock(mutex_);
  if (taking.state_ == Taking::State::kEnding) return true;
  taking.state_ = Taking::State::kEnding;
  taking.place_ = keys_.try_emplace(taking.key_).first;
  Key& key = taking.place_->second;
  // Those that wait while there is room are held back by their own limit.
  if (HasRoom(key)) {
    Grant(taking);
    return true;
  }
  if (taking.until_ <= clock_.Now() || counts_.waiting >= limits_.waiting) {
    taking.verdict_ = absl::ResourceExhaustedError(absl::StrCat(
        counts_.taken, " are at work, ", counts_.waiting, " wait"));
    DropIfIdle(taking.place_);
    return true;
  }
  if (key.waiting.empty()) round_.push_back(taking.place_);
  taking.order_ = key.waiting.insert(key.waiting.end(), &taking);
  taking.state_ = Taking::State::kQueued;
  ++counts_.waiting;
  taking.timer_ = delays_.Schedule(taking.until_,
                                   [&taking] { taking.turns_.Fire(taking); });
  return false;
}

bool Turns::Cancel(Taking& taking) {
  MutexLock lock(mutex_);
  if (taking.state_ == Taking::State::kQueued) {
    Unqueue(taking);
    DropIfIdle(taking.place_);
    taking.state_ = Taking::State::kEnding;
    if (delays_.Cancel(taking.timer_)) return true;
  } else if (taking.state_ == Taking::State::kEnding) {
    return false;
  }
  taking.state_ = Taking::State::kEnding;
  taking.verdict_ = absl::CancelledError("cancelled");
  return false;
}

void Turns::Fire(Taking& taking) {
  {
    MutexLock lock(mutex_);
    if (taking.state_ == Taking::State::kQueued) {
      Unqueue(taking);
      DropIfIdle(taking.place_);
      taking.state_ = Taking::State::kEnding;
      taking.verdict_ = absl::DeadlineExceededError("waited in vain");
    }
  }
  taking.Complete(std::move(taking.verdict_));
}

void Turns::Give(const std::string& key) {
  MutexLock lock(mutex_);
  const auto place = keys_.find(key);
  --place->second.taken;
  --counts_.taken;
  Dispatch();
  DropIfIdle(place);
}

void Turns::Grant(Taking& taking) {
  ++taking.place_->second.taken;
  ++counts_.taken;
  const bool waited = taking.state_ == Taking::State::kQueued;
  taking.turn_ = Turn(this, taking.key_, waited);
}

void Turns::Dispatch() {
  for (;;) {
    auto next = round_.begin();
    while (next != round_.end() && !HasRoom((*next)->second)) ++next;
    if (next == round_.end()) return;
    const Keys::iterator place = *next;
    // To the end of the round, unless it has nobody left.
    round_.splice(round_.end(), round_, next);
    Taking& taking = *place->second.waiting.front();
    Unqueue(taking);
    Grant(taking);
    CompleteSoon(taking);
  }
}

void Turns::Unqueue(Taking& taking) {
  Key& key = taking.place_->second;
  key.waiting.erase(taking.order_);
  --counts_.waiting;
  if (key.waiting.empty()) round_.remove(taking.place_);
}

void Turns::DropIfIdle(Keys::iterator key) {
  if (key->second.taken == 0 && key->second.waiting.empty()) keys_.erase(key);
}

void Turns::CompleteSoon(Taking& taking) {
  taking.state_ = Taking::State::kEnding;
  // Where its time has just come, that completes it.
  if (!delays_.Cancel(taking.timer_)) return;
  delays_.Schedule(clock_.Now(), [&taking] { taking.turns_.Fire(taking); });
}

}  // namespace perfrig::targets
