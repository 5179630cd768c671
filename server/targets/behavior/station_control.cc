// What a Station does for those who look after its target.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/targets/behavior/station.h"

namespace perfrig::targets {

void Station::CountFault(Visit& visit, std::string_view kind) {
  if (visit.fault_counted_) return;
  visit.fault_counted_ = true;
  statistics_.CountFault(kind);
}

void Station::CountRefused(absl::StatusCode code) {
  MutexLock lock(mutex_);
  statistics_.Start();
  statistics_.Finish(code, PhaseTimes());
}

void Station::CountDelay(Nanos injected, Nanos lateness) {
  MutexLock lock(mutex_);
  statistics_.RecordInjected(injected);
  statistics_.RecordLateness(lateness);
}

absl::Status Station::Hold(Visit& visit, double bytes) {
  MutexLock lock(mutex_);
  return TakeBytes(visit, bytes);
}

absl::Status Station::TakeBytes(Visit& visit, double bytes) {
  const auto more = static_cast<std::uint64_t>(bytes);
  if (held_bytes_ + more > kMostBytes) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "calls of a target that are in flight may hold at most ", kMostBytes,
        " bytes together, they hold ", held_bytes_, ", this one wants ", more));
  }
  held_bytes_ += more;
  visit.held_bytes_ += more;
  return absl::OkStatus();
}

void Station::SetBehavior(const v1::Behavior& behavior,
                          const Restart& restart) {
  MutexLock lock(mutex_);
  const Nanos now = clock_.Now();
  auto next = std::make_shared<CompiledBehavior>(behavior, now);
  if (!restart.stall) next->stall_from = behavior_->stall_from;
  if (!restart.outage) {
    next->outage_from = behavior_->outage_from;
    next->outage_to = behavior_->outage_to;
  }
  behavior_ = std::move(next);
  if (restart.random) arrivals_ = 0;
  Dispatch(now);
}

void Station::Reset(const v1::Behavior& behavior) {
  std::vector<Visit*> taken;
  {
    MutexLock lock(mutex_);
    behavior_ =
        std::make_shared<const CompiledBehavior>(behavior, clock_.Now());
    arrivals_ = 0;
    taken = TakeWaiting(absl::UnavailableError("the target was reset"));
    for (Visit* visit : taken) {
      visit->forgotten_ = true;
      statistics_.Forget();
    }
    auto earlier = std::make_shared<Statistics>(*earlier_);
    earlier->AddFinished(statistics_);
    earlier_ = std::move(earlier);
    statistics_.Clear();
  }
  for (Visit* visit : taken) ResumeNow(*visit);
}

void Station::Shutdown() {
  std::vector<Visit*> taken;
  {
    MutexLock lock(mutex_);
    ended_ = true;
    taken = TakeWaiting(absl::UnavailableError("the daemon shuts down"));
  }
  for (Visit* visit : taken) ResumeNow(*visit);
}

std::vector<Visit*> Station::TakeWaiting(const absl::Status& status) {
  std::vector<Visit*> all(primary_queue_.begin(), primary_queue_.end());
  all.insert(all.end(), any_queue_.begin(), any_queue_.end());
  all.insert(all.end(), waiting_.begin(), waiting_.end());
  const Nanos now = clock_.Now();
  std::vector<Visit*> taken;
  for (Visit* visit : all) {
    visit->verdict_ = status;
    // One whose time has just come is resumed by it, with this status.
    if (visit->state_ == Visit::State::kTimed &&
        !delays_.Cancel(visit->timer_)) {
      continue;
    }
    EndWait(*visit, now);
    taken.push_back(visit);
  }
  return taken;
}

std::uint64_t Station::places() const {
  MutexLock lock(mutex_);
  return behavior_->all_places;
}

v1::TargetStatistics Station::Snapshot(bool with_histograms) const {
  Statistics statistics;
  std::uint64_t waiting = 0;
  {
    MutexLock lock(mutex_);
    statistics = statistics_;
    waiting = Queued();
  }
  v1::TargetStatistics proto = statistics.ToProto(with_histograms);
  proto.set_waiting(waiting);
  return proto;
}

v1::TargetStatistics Station::Totals() const {
  Statistics statistics;
  std::shared_ptr<const Statistics> earlier;
  std::uint64_t waiting = 0;
  {
    MutexLock lock(mutex_);
    statistics = statistics_;
    earlier = earlier_;
    waiting = Queued();
  }
  statistics.AddFinished(*earlier);
  v1::TargetStatistics proto = statistics.ToProto(/*with_histograms=*/true);
  proto.set_waiting(waiting);
  return proto;
}

}  // namespace perfrig::targets
