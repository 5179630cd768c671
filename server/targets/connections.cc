#include "server/targets/connections.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/targets/fields.h"

namespace perfrig::targets {

HeldConnection::HeldConnection(Connections& pool, Turn turn, Nanos waited)
    : pool_(&pool), turn_(std::move(turn)), waited_(waited) {
  pool.Pick(*this);
}

HeldConnection::~HeldConnection() {
  // Before the turn: who has the next one finds it there.
  if (pool_ != nullptr) pool_->Return(*this);
}

void Connections::SetLimits(const Limits& limits) {
  {
    MutexLock lock(mutex_);
    size_ = limits.connections;
    CloseSurplus();
  }
  turns_.SetLimits({.turns = limits.connections, .waiting = limits.waiting});
}

Task<absl::StatusOr<HeldConnection>> Connections::Take(Stay& stay, Nanos wait,
                                                       Nanos open) {
  const Nanos began = stay.Now();
  Turn turn;
  const absl::Status status =
      co_await turns_.Take(turn, stay.scope(), "", began + wait);
  const Nanos waited = stay.Now() - began;
  stay.AddPhase(Phase::kPoolWait, waited);
  if (!status.ok()) co_return CountFailure(status, waited);
  const bool had_to_wait = turn.waited();
  HeldConnection held(*this, std::move(turn), had_to_wait ? waited : 0);
  if (!held.open_) {
    CO_RETURN_IF_ERROR(
        co_await stay.WaitUntil(stay.Now() + open, Phase::kConnect));
    held.open_ = true;
  }
  co_return held;
}

void Connections::Pick(HeldConnection& held) {
  MutexLock lock(mutex_);
  ++counts_.acquired;
  if (held.waited_ > 0) ++counts_.waits;
  counts_.waited += held.waited_;
  counts_.longest_wait = std::max(counts_.longest_wait, held.waited_);
  if (!idle_.empty()) {
    held.number_ = idle_.back();
    idle_.pop_back();
    held.reused_ = held.open_ = true;
  } else if (!closed_.empty()) {
    held.number_ = closed_.back();
    closed_.pop_back();
  } else {
    held.number_ = numbers_++;
  }
  if (!held.open_) ++counts_.opened;
  ++in_use_;
  if (in_use_ < size_ || (exhausted_ && !first_back_.has_value())) return;
  ++counts_.exhaustions;
  counts_.recovery.reset();
  exhausted_ = true;
  first_back_.reset();
}

void Connections::Return(const HeldConnection& held) {
  MutexLock lock(mutex_);
  --in_use_;
  if (held.open_) {
    idle_.push_back(held.number_);
  } else {
    closed_.push_back(held.number_);
  }
  CloseSurplus();
  // One that goes to who waits for it is not back.
  if (!exhausted_ || (in_use_ > 0 && turns_.counts().waiting > 0)) return;
  const Nanos now = clock_.Now();
  if (!first_back_.has_value()) first_back_ = now;
  if (in_use_ > 0) return;
  counts_.recovery = now - *first_back_;
  exhausted_ = false;
}

void Connections::CloseSurplus() {
  while (!idle_.empty() && in_use_ + idle_.size() > size_) {
    closed_.push_back(idle_.front());
    idle_.pop_front();
  }
}

absl::Status Connections::CountFailure(const absl::Status& status,
                                       Nanos waited) {
  const bool timed_out = status.code() == absl::StatusCode::kDeadlineExceeded;
  MutexLock lock(mutex_);
  if (timed_out) {
    ++counts_.timeouts;
    return absl::ResourceExhaustedError(
        absl::StrCat("waited ", absl::FormatDuration(absl::Nanoseconds(waited)),
                     " for one of ", size_, " connections"));
  }
  if (status.code() != absl::StatusCode::kResourceExhausted) return status;
  ++counts_.refused;
  return absl::ResourceExhaustedError(absl::StrCat(
      "none of ", size_, " connections is free: ", status.message()));
}

void Connections::Clear() {
  MutexLock lock(mutex_);
  closed_.insert(closed_.end(), idle_.begin(), idle_.end());
  idle_.clear();
  if (in_use_ == 0) {
    closed_.clear();
    numbers_ = 0;
  }
  counts_ = Counts();
  exhausted_ = in_use_ >= size_;
  first_back_.reset();
}

target::v1::StatsResponse Connections::Describe() const {
  target::v1::StatsResponse stats;
  stats.set_waiting(turns_.counts().waiting);
  MutexLock lock(mutex_);
  stats.set_size(size_);
  stats.set_in_use(in_use_);
  stats.set_idle(static_cast<std::uint32_t>(idle_.size()));
  stats.set_acquired(counts_.acquired);
  stats.set_reused(counts_.acquired - counts_.opened);
  stats.set_opened(counts_.opened);
  stats.set_waits(counts_.waits);
  *stats.mutable_waited() = ToDuration(counts_.waited);
  *stats.mutable_longest_wait() = ToDuration(counts_.longest_wait);
  stats.set_timeouts(counts_.timeouts);
  stats.set_refused(counts_.refused);
  stats.set_exhaustions(counts_.exhaustions);
  if (counts_.recovery.has_value()) {
    *stats.mutable_recovery() = ToDuration(*counts_.recovery);
  }
  return stats;
}

}  // namespace perfrig::targets
