#include "server/cache/breaker.h"

namespace perfrig::cache {

Breaker::Breaker(const Clock& clock, const BreakerOptions& options)
    : clock_(clock), options_(options) {}

std::optional<Breaker::Permit> Breaker::Ask() {
  MutexLock lock(mutex_);
  if (IsOver()) Enter(BreakerState::kHalfOpen);
  if (state_ == BreakerState::kOpen ||
      (state_ == BreakerState::kHalfOpen && probes_ >= options_.probes)) {
    ++refused_;
    return std::nullopt;
  }
  if (state_ == BreakerState::kHalfOpen) ++probes_;
  return Permit(epoch_);
}

void Breaker::Record(Permit permit, bool ok) {
  MutexLock lock(mutex_);
  if (permit != Permit(epoch_)) return;
  if (state_ == BreakerState::kHalfOpen) {
    if (!ok) return Enter(BreakerState::kOpen);
    if (++succeeded_ == options_.probes) Enter(BreakerState::kClosed);
    return;
  }
  if (failed_.size() < options_.window) {
    failed_.push_back(!ok);
  } else {
    failures_ -= failed_[next_] ? 1 : 0;
    failed_[next_] = !ok;
    next_ = (next_ + 1) % options_.window;
  }
  failures_ += ok ? 0 : 1;
  if (failed_.size() == options_.window &&
      static_cast<double>(failures_) >=
          options_.failures * static_cast<double>(options_.window)) {
    Enter(BreakerState::kOpen);
  }
}

void Breaker::Forget(Permit permit) {
  MutexLock lock(mutex_);
  if (permit != Permit(epoch_)) return;
  if (state_ == BreakerState::kHalfOpen) --probes_;
}

BreakerStatistics Breaker::statistics() const {
  MutexLock lock(mutex_);
  return {.state = IsOver() ? BreakerState::kHalfOpen : state_,
          .opened = opened_,
          .refused = refused_};
}

void Breaker::Enter(BreakerState state) {
  state_ = state;
  ++epoch_;
  failed_.clear();
  next_ = failures_ = probes_ = succeeded_ = 0;
  if (state == BreakerState::kOpen) {
    ++opened_;
    opens_until_ = clock_.Now() + options_.open;
  }
}

bool Breaker::IsOver() const {
  return state_ == BreakerState::kOpen && clock_.Now() >= opens_until_;
}

}  // namespace perfrig::cache
