#include "server/targets/behavior/station.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/code_names.h"

namespace perfrig::targets {
namespace {

// What a call works for at most, however its draws and the load add up.
constexpr double kLongestWork = 100.0 * 3600 * kSecond;

}  // namespace

Station::Station(const Clock& clock, DelayQueue& delays,
                 const v1::Behavior& behavior)
    : clock_(clock),
      delays_(delays),
      behavior_(
          std::make_shared<const CompiledBehavior>(behavior, clock.Now())) {}

bool Visit::Interrupt(const absl::Status& why) {
  return station_->Cancel(*this, why);
}

void Station::Enter(Visit& visit, const Request& request) {
  if (!visit.has_come_) Come(visit);
  bool resume = false;
  {
    MutexLock lock(mutex_);
    resume = Arrive(visit, request);
  }
  if (resume) ResumeNow(visit);
}

void Station::Work(Visit& visit, const Request& request) {
  bool resume = false;
  {
    MutexLock lock(mutex_);
    Ask(visit, request);
    resume = IsOver(visit) || StartWork(visit, clock_.Now());
  }
  if (resume) ResumeNow(visit);
}

void Station::WaitUntil(Visit& visit, Nanos due, Phase phase) {
  bool resume = false;
  {
    MutexLock lock(mutex_);
    const Nanos now = clock_.Now();
    resume = IsOver(visit);
    if (!resume) {
      Inject(visit, due - now);
      resume = StartWait(visit, now, due, phase);
    }
  }
  if (resume) ResumeNow(visit);
}

void Station::WaitUntilWoken(Visit& visit, Nanos due, Phase phase) {
  bool resume = false;
  {
    MutexLock lock(mutex_);
    resume = IsOver(visit) || std::exchange(visit.woken_, false) ||
             StartWait(visit, clock_.Now(), due, phase);
    visit.wakeable_ = !resume;
  }
  if (resume) ResumeNow(visit);
}

void Station::Wake(Visit& visit) {
  {
    MutexLock lock(mutex_);
    // One whose time has just come is resumed by it.
    if (!visit.wakeable_ || !delays_.Cancel(visit.timer_)) {
      visit.woken_ = true;
      return;
    }
    EndWait(visit, clock_.Now());
  }
  ResumeNow(visit);
}

bool Station::Cancel(Visit& visit, const absl::Status& why) {
  MutexLock lock(mutex_);
  if (visit.over_.ok()) visit.over_ = why;
  if (visit.state_ == Visit::State::kIdle ||
      visit.state_ == Visit::State::kCancelling) {
    return false;
  }
  const bool comes =
      visit.state_ == Visit::State::kTimed && !delays_.Cancel(visit.timer_);
  EndWait(visit, clock_.Now());
  if (comes) visit.state_ = Visit::State::kCancelling;
  return !comes;
}

void Station::Leave(Visit& visit, absl::StatusCode code, bool keep_payload) {
  Go(visit);
  MutexLock lock(mutex_);
  if (!keep_payload) ReturnBytes(visit);
  // It has not entered.
  if (visit.behavior_ == nullptr) {
    if (visit.round_ != round_) return;
    statistics_.Start();
    return statistics_.Finish(code, PhaseTimes());
  }
  if (visit.stream_) {
    // Its messages take time as well.
    const Nanos whole = clock_.Now() - visit.arrived_;
    const Nanos rest = whole - visit.phases_.Sum();
    if (rest > 0) visit.phases_.Add(Phase::kGap, rest);
  }
  if (visit.round_ != round_) return;
  statistics_.Finish(code, visit.phases_);
  if (!visit.holds_capacity_) return;
  visit.holds_capacity_ = false;
  --in_work_;
  if (!visit.any_replica_) --at_primary_;
  if (Queued() > 0) Dispatch(visit.timed_turn_ ? visit.due_ : clock_.Now());
}

bool Station::TakesDrop(Visit& visit) {
  MutexLock lock(mutex_);
  if (visit.fault_ == nullptr || visit.fault_->kind != FaultRule::Kind::kDrop) {
    return false;
  }
  CountFault(visit, "drop");
  return true;
}

Nanos Station::TransferTime(const Visit& visit, double bytes) {
  return visit.behavior_->TransferTime(bytes);
}

bool Station::LimitsBandwidth(const Visit& visit) {
  return visit.behavior_->bytes_per_second > 0;
}

bool Station::PassesAtOnce() {
  MutexLock lock(mutex_);
  if (ended_ || !behavior_->IsTransparent()) return false;
  ++arrivals_;
  statistics_.Start();
  statistics_.Finish(absl::StatusCode::kOk, PhaseTimes());
  return true;
}

bool Station::Arrive(Visit& visit, const Request& request) {
  // It has been ended; what others draw does not depend on it.
  if (visit.round_ != round_) return IsOver(visit);
  const Nanos now = clock_.Now();
  statistics_.Start();
  visit.arrived_ = now;
  Ask(visit, request);
  visit.stream_ = request.stream;
  visit.any_replica_ = request.any_replica;
  visit.order_ = ++visits_;
  visit.behavior_ = visit.override_.has_value()
                        ? std::make_shared<const CompiledBehavior>(
                              behavior_->With(*visit.override_))
                        : behavior_;
  visit.random_ = Random::OfCall(behavior_->seed, arrivals_++);
  visit.fault_ = visit.behavior_->FaultAt(visit.random_.Unit());

  if (IsOver(visit)) return true;
  if (statistics_.in_flight() > kMostCalls) {
    return Refuse(visit, absl::ResourceExhaustedError(absl::StrCat(
                             "at most ", kMostCalls,
                             " calls of a target may be in flight")));
  }
  const auto held = static_cast<double>(visit.held_bytes_);
  if (absl::Status room =
          TakeBytes(visit, std::max(request.transfer_bytes - held, 0.0));
      !room.ok()) {
    return Refuse(visit, std::move(room));
  }
  if (behavior_->InOutage(now)) {
    statistics_.CountFault("outage");
    return Refuse(visit, absl::Status(behavior_->outage_code, "an outage"));
  }
  if (!visit.stream_ && visit.fault_ != nullptr &&
      visit.fault_->kind == FaultRule::Kind::kDrop) {
    CountFault(visit, "drop");
    return Refuse(visit, absl::UnavailableError("dropped by a fault"));
  }
  if (QueueOf(visit).empty() && HasRoom(visit)) return StartTurn(visit, now);
  if (Queued() >= behavior_->queue_limit) {
    return Refuse(visit, absl::ResourceExhaustedError(absl::StrCat(
                             "queue_limit: at most ", behavior_->queue_limit,
                             " calls may wait for one of ",
                             visit.any_replica_ ? behavior_->all_places
                                                : behavior_->capacity,
                             " places")));
  }
  visit.wait_from_ = now;
  visit.due_ = kNever;
  visit.phase_ = Phase::kQueue;
  visit.state_ = Visit::State::kQueued;
  Visits& queue = QueueOf(visit);
  visit.place_ = queue.insert(queue.end(), &visit);
  return false;
}

void Station::Ask(Visit& visit, const Request& request) {
  visit.work_times_ = request.work_times;
  visit.transfer_bytes_ = request.transfer_bytes;
  visit.extra_delay_ = request.extra_delay;
  visit.own_delay_ = request.own_delay;
  visit.keeps_own_delay_ = request.keeps_own_delay;
  visit.share_ = request.share;
  visit.work_phase_ = request.phase;
}

bool Station::HasRoom(const Visit& visit) const {
  if (behavior_->capacity == 0) return true;
  return in_work_ < behavior_->all_places &&
         (visit.any_replica_ || at_primary_ < behavior_->capacity);
}

Station::Visits& Station::QueueOf(const Visit& visit) {
  return visit.any_replica_ ? any_queue_ : primary_queue_;
}

Visit* Station::NextInTurn() {
  Visit* next = nullptr;
  for (const Visits* const queue : {&primary_queue_, &any_queue_}) {
    if (queue->empty() || !HasRoom(*queue->front())) continue;
    if (next == nullptr || queue->front()->order_ < next->order_) {
      next = queue->front();
    }
  }
  return next;
}

bool Station::Refuse(Visit& visit, absl::Status status) {
  visit.verdict_ = std::move(status);
  return true;
}

bool Station::IsOver(Visit& visit) {
  if (visit.over_.ok()) return false;
  visit.verdict_ = visit.over_;
  return true;
}

bool Station::StartTurn(Visit& visit, Nanos start) {
  visit.holds_capacity_ = true;
  ++in_work_;
  if (!visit.any_replica_) ++at_primary_;
  // Who has waited may start because there is no limit any more.
  if (behavior_->capacity != 0 || start > visit.arrived_) {
    visit.phases_.Add(Phase::kQueue, start - visit.arrived_);
  }
  return visit.work_times_ > 0 ? StartWork(visit, start)
                               : StartWait(visit, start, start, Phase::kQueue);
}

bool Station::StartWork(Visit& visit, Nanos start) {
  visit.drawn_ = DrawDelay(visit);
  Nanos delay = std::llround(static_cast<double>(visit.drawn_) * visit.share_) +
                visit.extra_delay_;
  if (visit.fault_ != nullptr) {
    switch (visit.fault_->kind) {
      case FaultRule::Kind::kStatus:
        CountFault(visit, StatusName(static_cast<int>(visit.fault_->code)));
        visit.verdict_ = absl::Status(visit.fault_->code, "an injected fault");
        break;
      case FaultRule::Kind::kSlow:
        CountFault(visit, "slow");
        delay += visit.fault_->slow;
        break;
      case FaultRule::Kind::kHang:
        CountFault(visit, "hang");
        visit.wait_from_ = start;
        visit.due_ = kNever;
        visit.phase_ = visit.work_phase_;
        visit.state_ = Visit::State::kHanging;
        visit.place_ = waiting_.insert(waiting_.end(), &visit);
        return false;
      case FaultRule::Kind::kDrop:
      case FaultRule::Kind::kNone:
        break;
    }
  }
  const Nanos transfer = TransferTime(visit, visit.transfer_bytes_);
  if (transfer > 0) visit.phases_.Add(Phase::kTransfer, transfer);
  Inject(visit, transfer + delay);
  const bool over =
      StartWait(visit, start, start + transfer + delay, visit.work_phase_);
  visit.wait_from_ += transfer;
  return over;
}

Nanos Station::DrawDelay(Visit& visit) {
  const std::optional<DelaySampler>& delay = visit.behavior_->delay;
  const bool asked =
      visit.override_.has_value() && visit.override_->delay.has_value();
  const DelaySampler* const sampler =
      delay.has_value() && (asked || !visit.keeps_own_delay_)
          ? &*delay
          : visit.own_delay_;
  if (sampler == nullptr) return 0;
  double sum = 0;
  for (int i = 0; i < visit.work_times_; ++i) {
    sum += static_cast<double>(sampler->Draw(visit.random_));
  }
  const auto others = static_cast<double>(in_work_ - 1);
  sum *= 1 + visit.behavior_->load_factor * others;
  return std::llround(std::min(sum, kLongestWork));
}

void Station::Inject(Visit& visit, Nanos delay) {
  visit.injected_ = delay > 0 && delay < kLongestWork;
  if (visit.injected_) statistics_.RecordInjected(delay);
}

bool Station::StartWait(Visit& visit, Nanos start, Nanos due, Phase phase) {
  visit.wait_from_ = start;
  visit.phase_ = phase;
  visit.due_ = visit.behavior_->AfterStall(due);
  visit.stalled_ = visit.due_ - due;
  if (visit.stalled_ > 0) statistics_.CountFault("stall");
  if (visit.due_ <= start) return true;
  Schedule(visit);
  return false;
}

void Station::Schedule(Visit& visit) {
  visit.state_ = Visit::State::kTimed;
  visit.place_ = waiting_.insert(waiting_.end(), &visit);
  visit.timer_ =
      delays_.Schedule(visit.due_, [&visit] { visit.station_->Fire(visit); });
}

void Station::Fire(Visit& visit) {
  {
    MutexLock lock(mutex_);
    if (visit.state_ == Visit::State::kCancelling) {
      visit.state_ = Visit::State::kIdle;
      visit.verdict_ = visit.over_;
    } else {
      const Nanos now = clock_.Now();
      if (visit.injected_) statistics_.RecordLateness(now - visit.due_);
      EndWait(visit, now);
      visit.timed_turn_ = !visit.stream_;
    }
  }
  ResumeNow(visit);
}

void Station::EndWait(Visit& visit, Nanos now) {
  (visit.state_ == Visit::State::kQueued ? QueueOf(visit) : waiting_)
      .erase(visit.place_);
  visit.state_ = Visit::State::kIdle;
  visit.timed_turn_ = false;
  visit.wakeable_ = false;
  visit.injected_ = false;
  const Nanos stall =
      std::clamp<Nanos>(now - (visit.due_ - visit.stalled_), 0, visit.stalled_);
  if (stall > 0) visit.phases_.Add(Phase::kStall, stall);
  // Less than nothing where it ends while its payload still comes in, all of
  // which is counted already.
  const Nanos waited = now - visit.wait_from_ - stall;
  visit.phases_.Add(waited >= 0 ? visit.phase_ : Phase::kTransfer, waited);
}

void Station::Dispatch(Nanos freed_at) {
  while (Visit* const next = NextInTurn()) {
    Visit& visit = *next;
    QueueOf(visit).pop_front();
    visit.state_ = Visit::State::kIdle;
    // By the delay queue even where there is nothing to wait for, so that
    // visits do not end inside one another.
    if (StartTurn(visit, std::max(visit.arrived_, freed_at))) Schedule(visit);
  }
}

void Station::ResumeNow(Visit& visit) {
  const absl::Status verdict = std::exchange(visit.verdict_, absl::OkStatus());
  visit.Resume(verdict);
}

}  // namespace perfrig::targets
