// What a Station does for those who look after its target.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/targets/behavior/station.h"

namespace perfrig::targets {

namespace {

absl::Status WasReset() {
  return absl::UnavailableError("the target was reset");
}

absl::Status ShutsDown() {
  return absl::UnavailableError("the daemon shuts down");
}

}  // namespace

void Station::Come(Visit& visit) {
  MutexLock lock(coming_);
  visit.has_come_ = true;
  visit.station_ = this;
  visit.round_ = round_;
  visit.index_ = visits_here_.size();
  visits_here_.push_back(&visit);
  if (ended_) visit.Interrupt(ShutsDown());
}

void Station::Go(Visit& visit) {
  if (!std::exchange(visit.has_come_, false)) return;
  MutexLock lock(coming_);
  Visit* const last = visits_here_.back();
  last->index_ = visit.index_;
  visits_here_[visit.index_] = last;
  visits_here_.pop_back();
}

void Station::CountFault(Visit& visit, std::string_view kind) {
  if (visit.fault_counted_ || visit.round_ != round_) return;
  visit.fault_counted_ = true;
  statistics_.CountFault(kind);
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
  if (visit.round_ != round_) return WasReset();
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

void Station::GiveBack(Visit& visit) {
  MutexLock lock(mutex_);
  ReturnBytes(visit);
}

void Station::ReturnBytes(Visit& visit) {
  const std::uint64_t bytes = std::exchange(visit.held_bytes_, 0);
  if (visit.round_ == round_) held_bytes_ -= bytes;
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
  std::vector<Visit*> ended;
  {
    MutexLock coming(coming_);
    ended = TakeAll(WasReset());
    MutexLock lock(mutex_);
    // What those hold that have not left is theirs no more.
    ++round_;
    held_bytes_ = 0;
    in_work_ = 0;
    at_primary_ = 0;
    arrivals_ = 0;
    behavior_ =
        std::make_shared<const CompiledBehavior>(behavior, clock_.Now());
    auto earlier = std::make_shared<Statistics>(*earlier_);
    earlier->AddFinished(statistics_);
    earlier_ = std::move(earlier);
    statistics_ = Statistics();
  }
  for (Visit* visit : ended) visit->GoOn(WasReset());
}

void Station::Shutdown() {
  std::vector<Visit*> ended;
  {
    MutexLock coming(coming_);
    ended_ = true;
    ended = TakeAll(ShutsDown());
  }
  for (Visit* visit : ended) visit->GoOn(ShutsDown());
}

std::vector<Visit*> Station::TakeAll(const absl::Status& why) {
  std::vector<Visit*> ended;
  for (Visit* visit : visits_here_) {
    if (visit->Interrupt(why)) ended.push_back(visit);
  }
  return ended;
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
