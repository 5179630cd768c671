#include "server/cache/backpressure.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace perfrig::cache {

Backpressure::Backpressure(const Clock& clock, DelayQueue& delays,
                           const BackpressureOptions& options)
    : clock_(clock), delays_(delays), options_(options) {}

void Backpressure::Enter(const PendingPtr<absl::Status>& pending) {
  enum { kIn, kWaits, kRefused } outcome = kIn;
  {
    MutexLock lock(mutex_);
    if (statistics_.in_flight < options_.max_in_flight && waiting_.empty()) {
      ++statistics_.in_flight;
    } else if (waiting_.size() >= options_.max_waiting) {
      ++statistics_.refused;
      outcome = kRefused;
    } else {
      outcome = kWaits;
      auto waiter = std::make_shared<Waiter>();
      waiter->pending = pending;
      if (!pending->OnWithdraw([this, waiter] { Remove(*waiter, false); })) {
        return;
      }
      waiter->since = clock_.Now();
      waiter->place = waiting_.insert(waiting_.end(), waiter);
      waiter->timer =
          delays_.Schedule(waiter->since + options_.max_wait, [this, waiter] {
            if (!Remove(*waiter, true)) return;
            waiter->pending->Answer(absl::DeadlineExceededError(absl::StrCat(
                "waited ",
                absl::FormatDuration(absl::Nanoseconds(options_.max_wait)),
                " behind ", options_.max_in_flight, " others")));
          });
    }
  }
  if (outcome == kRefused) {
    pending->Answer(absl::ResourceExhaustedError(
        absl::StrCat(options_.max_waiting, " wait already")));
  } else if (outcome == kIn && !pending->Answer(absl::OkStatus())) {
    Leave();
  }
}

void Backpressure::Leave() {
  {
    MutexLock lock(mutex_);
    --statistics_.in_flight;
  }
  while (const std::shared_ptr<Waiter> next = Next()) {
    delays_.Cancel(next->timer);
    if (next->pending->Answer(absl::OkStatus())) return;
    // Withdrawn since.
    MutexLock lock(mutex_);
    --statistics_.in_flight;
  }
}

BackpressureStatistics Backpressure::statistics() const {
  MutexLock lock(mutex_);
  BackpressureStatistics statistics = statistics_;
  statistics.waiting = waiting_.size();
  return statistics;
}

std::shared_ptr<Backpressure::Waiter> Backpressure::Next() {
  MutexLock lock(mutex_);
  if (waiting_.empty() || statistics_.in_flight >= options_.max_in_flight) {
    return nullptr;
  }
  std::shared_ptr<Waiter> next = waiting_.front();
  Unlist(*next);
  ++statistics_.in_flight;
  return next;
}

bool Backpressure::Remove(Waiter& waiter, bool expired) {
  {
    MutexLock lock(mutex_);
    if (!waiter.waits) return false;
    if (expired) ++statistics_.expired;
    Unlist(waiter);
  }
  // The timer that expired is over already.
  if (!expired) delays_.Cancel(waiter.timer);
  return true;
}

void Backpressure::Unlist(Waiter& waiter) {
  waiter.waits = false;
  waiting_.erase(waiter.place);
  ++statistics_.waited;
  statistics_.waited_for += clock_.Now() - waiter.since;
}

}  // namespace perfrig::cache
