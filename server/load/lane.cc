#include "server/load/lane.h"

#include <algorithm>
#include <utility>

#include "server/load/seeds.h"

namespace perfrig::load {
namespace {

// How long the loop waits at most before it looks at the flags again.
constexpr Nanos kLookAgain = 50 * kMillisecond;
// How long cancelled calls may take to come back.
constexpr Nanos kCancelTime = 150 * kMillisecond;
// How many calls a turn of the loop starts at most: a lane that is behind its
// plan must write and read as it goes.
constexpr int kMostStarts = 256;
constexpr int kCancelled = 1;
constexpr Nanos kHandOverEvery = kSecond;

const std::vector<drivers::Header>& NoTrailers() {
  static const std::vector<drivers::Header> none;
  return none;
}

std::uint32_t InFlightShare(const LaneSetup& setup) {
  const auto share =
      LaneShare(setup.plan->max_in_flight, setup.index, setup.lanes);
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(1, share));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Lane>> Lane::Create(
    const LaneSetup& setup, drivers::DriverFactory& drivers,
    std::unique_ptr<Workload> workload) {
  auto lane = std::unique_ptr<Lane>(new Lane(setup, std::move(workload)));
  auto driver = drivers.Create(setup.connections, *lane);
  if (!driver.ok()) return driver.status();
  lane->driver_ = *std::move(driver);
  return lane;
}

Lane::Lane(const LaneSetup& setup, std::unique_ptr<Workload> workload)
    : setup_(setup),
      source_(MakeSource(*setup.plan, setup.index, setup.lanes)),
      workload_(std::move(workload)),
      max_in_flight_(InFlightShare(setup)),
      recorder_(workload_->steps(), workload_->metrics()),
      random_(SeedOfPart(setup.plan->seed, setup.index)) {}

absl::Status Lane::Connect(Nanos deadline) {
  return driver_->Connect(deadline, setup_.stop);
}

LaneResult Lane::Run(Nanos start) {
  const LoadPlan& plan = *setup_.plan;
  start_ = start;
  end_ = plan.end;
  recorder_.SetWindow({.round_start = start,
                       .from = start + plan.warmup,
                       .to = plan.end == kNever ? kNever : start + plan.end});
  next_hand_over_ =
      plan.warmup > 0 ? std::min(plan.warmup, kHandOverEvery) : kHandOverEvery;
  cpu_time_ = ThreadCpuTime();
  Loop();
  MeasureCpu();
  std::unique_ptr<LaneSecond> rest = std::move(recorder_.second());
  rest->elapsed = now_;
  setup_.exchange->Finish(setup_.place, std::move(rest));
  result_.samples = recorder_.samples();
  result_.connections = driver_->TakeConnections();
  result_.next_sequence = source_->next_sequence();
  result_.ended_by_count = source_->EndedByCount(now_);
  return std::move(result_);
}

void Lane::Loop() {
  while (true) {
    now_ = Now();
    if (now_ >= next_hand_over_) HandOver();
    if (MustStop()) {
      DropDue();
      GiveUp();
      return;
    }
    EndIfEnough();
    while (attempts_.NextDue() <= start_ + now_) attempts_.PopFirst()();
    StartDue();
    if (setup_.sessions != nullptr && !talking_) BeginSessions();
    if (Over()) return;
    if (now_ >= GraceEnd()) {
      DropDue();
      GiveUp();
      return;
    }
    driver_->Poll(start_ + WakeUp());
  }
}

Nanos Lane::WakeUp() const {
  if (behind_) return now_;
  Nanos wake_up = std::min(now_ + kLookAgain, next_hand_over_);
  if (!enough_) wake_up = std::min(wake_up, source_->Next());
  if (!attempts_.empty()) {
    wake_up = std::min(wake_up, attempts_.NextDue() - start_);
  }
  // The end matters only until it has come.
  if (now_ < end_) wake_up = std::min(wake_up, end_);
  return std::min(wake_up, GraceEnd());
}

Nanos Lane::GraceEnd() const {
  if (now_ >= end_) return end_ + setup_.grace;
  if (source_->EndedByCount(now_)) return last_start_ + setup_.grace;
  return kNever;
}

bool Lane::Over() const {
  return in_flight_ == 0 && !behind_ &&
         (now_ >= end_ || source_->EndedByCount(now_));
}

bool Lane::MustStop() {
  result_.cancelled = setup_.stop.stop_requested();
  result_.timed_out = start_ + now_ > setup_.time_limit_at;
  return result_.cancelled || result_.timed_out;
}

void Lane::EndIfEnough() {
  if (enough_ || !setup_.enough.stop_requested()) return;
  enough_ = true;
  end_ = std::min(end_, now_);
}

void Lane::StartDue() {
  if (enough_) {
    behind_ = false;
    return;
  }
  PlannedIteration planned;
  behind_ = true;
  for (int started = 0; started < kMostStarts; ++started) {
    if (!source_->Take(now_, planned)) {
      behind_ = false;
      return;
    }
    if (!setup_.plan->closed() && in_flight_ >= max_in_flight_) {
      Drop(planned);
    } else {
      StartIteration(planned);
    }
  }
}

void Lane::DropDue() {
  PlannedIteration planned;
  while (source_->Take(now_, planned)) Drop(planned);
}

void Lane::Drop(const PlannedIteration& planned) {
  const RecordedCall call{.sequence = planned.sequence,
                          .step = workload_->First(),
                          .planned = start_ + planned.planned,
                          .counted = planned.counted};
  recorder_.Planned(call);
  recorder_.Dropped(call);
}

drivers::Slot Lane::TakeSlot() {
  if (free_.empty()) {
    free_.push_back(static_cast<drivers::Slot>(slots_.size()));
    slots_.push_back(std::make_unique<CallSlot>());
    slots_.back()->requests.resize(workload_->steps());
  }
  const drivers::Slot slot = free_.back();
  free_.pop_back();
  return slot;
}

void Lane::StartIteration(const PlannedIteration& planned) {
  const drivers::Slot id = TakeSlot();
  CallSlot& slot = *slots_[id];
  slot.iteration.sequence = planned.sequence;
  slot.iteration.step = workload_->First();
  slot.iteration.user = planned.user;
  for (std::string& value : slot.iteration.captured) value.clear();
  slot.affinity = planned.affinity;
  slot.call.sequence = planned.sequence;
  slot.call.counted = planned.counted;
  StartCall(id, start_ + planned.planned);
}

void Lane::StartCall(drivers::Slot id, Nanos planned) {
  CallSlot& slot = *slots_[id];
  slot.call.step = slot.iteration.step;
  slot.call.planned = planned;
  slot.last_message = 0;
  slot.message.clear();
  slot.call.earlier = nullptr;
  slot.open = false;
  slot.answers = 0;
  recorder_.Planned(slot.call);
  drivers::Request& request = slot.requests[slot.iteration.step];
  const absl::Status prepared = workload_->Prepare(slot.iteration, request);
  if (!prepared.ok()) {
    recorder_.Refused(slot.call, prepared);
    if (setup_.sessions != nullptr) MarkOpen(slot);
    // Not before the next turn, or a user whose calls are all refused would
    // never let the loop go on.
    EndIteration(id, start_ + now_ + 1);
    return;
  }
  request.affinity = slot.affinity;
  request.session = setup_.sessions != nullptr;
  const Nanos from = std::max(planned, start_ + now_);
  slot.attempts.Begin(planned, request.timeout < kNever - from
                                   ? from + request.timeout
                                   : kNever);
  slot.in_flight = true;
  ++in_flight_;
  last_start_ = now_;
  driver_->Start(id, request);
}

void Lane::EndIteration(drivers::Slot id, Nanos at) {
  source_->Finish(slots_[id]->iteration.user, at - start_);
  free_.push_back(id);
}

void Lane::OnMessage(drivers::Slot id, std::string_view message, Nanos at) {
  CallSlot& slot = *slots_[id];
  if (slot.last_message != 0) {
    recorder_.MessageGap(slot.call, at - slot.last_message);
  }
  slot.last_message = at;
  if (setup_.sessions != nullptr) OnAnswer(id, at);
  if (slot.requests[slot.call.step].wants_messages) {
    slot.message.assign(message);
  }
}

void Lane::OnDone(drivers::Slot id, const drivers::Outcome& outcome) {
  CallSlot& slot = *slots_[id];
  if (outcome.status != 0 && !giving_up_ && TryAgain(id, outcome)) return;
  slot.in_flight = false;
  --in_flight_;
  if (setup_.sessions != nullptr) MarkOpen(slot);
  if (slot.call.earlier != nullptr) EndAttempts(id);
  if (giving_up_ && outcome.status == kCancelled) {
    recorder_.Unfinished(slot.call, outcome);
    return;
  }
  const Answer answer{.times = {.planned = slot.call.planned,
                                .sent = outcome.sent,
                                .first = outcome.first,
                                .done = outcome.done},
                      .status = outcome.status,
                      .status_message = outcome.message,
                      .message = slot.message,
                      .trailers = outcome.trailers == nullptr
                                      ? &NoTrailers()
                                      : outcome.trailers};
  judgement_.Clear();
  workload_->Judge(slot.iteration, answer, judgement_);
  recorder_.Done(slot.call, outcome, judgement_);
  // A failed call ends its iteration: what follows builds on it.
  const std::size_t next = workload_->After(slot.iteration.step);
  const bool more = judgement_.ok && !giving_up_ && next < workload_->steps() &&
                    outcome.done - start_ < end_;
  if (more) {
    slot.iteration.step = next;
    StartCall(id, outcome.done);
  } else {
    EndIteration(id, outcome.done);
  }
}

void Lane::GiveUp() {
  giving_up_ = true;
  drivers::Outcome lost;
  lost.status = kCancelled;
  lost.done = start_ + now_;
  for (std::size_t id = 0; id < slots_.size(); ++id) {
    CallSlot& slot = *slots_[id];
    if (slot.pausing) {
      slot.in_flight = false;
      --in_flight_;
      recorder_.Unfinished(slot.call, lost);
    } else if (slot.in_flight) {
      driver_->Cancel(static_cast<drivers::Slot>(id));
    }
  }
  const Nanos deadline = now_ + kCancelTime;
  while (in_flight_ > 0 && Now() < deadline) driver_->Poll(start_ + deadline);
  now_ = Now();
  lost.done = start_ + now_;
  for (const auto& slot : slots_) {
    if (slot->in_flight) recorder_.Unfinished(slot->call, lost);
  }
}

void Lane::HandOver() {
  LaneSecond& second = *recorder_.second();
  while (next_hand_over_ <= now_) {
    second.elapsed = next_hand_over_;
    const Nanos next = next_hand_over_ + kHandOverEvery;
    const Nanos warmup = setup_.plan->warmup;
    next_hand_over_ = next_hand_over_ < warmup ? std::min(next, warmup) : next;
  }
  second.in_flight = in_flight_;
  second.users = source_->users();
  MeasureCpu();
  setup_.exchange->Offer(setup_.place, recorder_.second());
}

void Lane::MeasureCpu() {
  const Nanos now = Now();
  const Nanos cpu_time = ThreadCpuTime();
  const Nanos passed = now - measured_at_;
  // A rest too short to tell anything counts only where there is no more.
  const bool tells = passed >= kHandOverEvery / 2 || result_.cpu == 0;
  if (measured_at_ >= setup_.plan->warmup && passed > 0 && tells) {
    const double share =
        static_cast<double>(cpu_time - cpu_time_) / static_cast<double>(passed);
    result_.cpu = std::clamp(share, result_.cpu, 1.0);
  }
  measured_at_ = now;
  cpu_time_ = cpu_time;
}

}  // namespace perfrig::load
