// Further attempts of a lane's calls.
#include <algorithm>
#include <optional>

#include "server/load/lane.h"

namespace perfrig::load {

bool Lane::TryAgain(drivers::Slot id, const drivers::Outcome& outcome) {
  CallSlot& slot = *slots_[id];
  const RetryPolicy* policy = workload_->Retry(slot.iteration);
  if (policy == nullptr) return false;
  const auto due = slot.attempts.TryAgain(*policy, outcome, random_);
  if (!due) return false;
  slot.call.earlier = slot.attempts.earlier();
  slot.call.attempt_planned = *due;
  slot.pausing = true;
  attempts_.Add(*due, [this, id] { StartAgain(id); });
  return true;
}

void Lane::StartAgain(drivers::Slot id) {
  CallSlot& slot = *slots_[id];
  const Nanos now = start_ + now_;
  slot.pausing = false;
  slot.last_message = 0;
  slot.message.clear();
  recorder_.Retried(slot.call, slot.attempts.Started(now));
  drivers::Request& request = slot.requests[slot.call.step];
  if (request.previous_attempts == 0) slot.timeout = request.timeout;
  ++request.previous_attempts;
  if (slot.timeout != kNever) {
    request.timeout = std::max<Nanos>(1, slot.attempts.deadline() - now);
  }
  driver_->Start(id, request);
}

void Lane::EndAttempts(drivers::Slot id) {
  drivers::Request& request = slots_[id]->requests[slots_[id]->call.step];
  if (request.previous_attempts == 0) return;
  request.previous_attempts = 0;
  request.timeout = slots_[id]->timeout;
}

}  // namespace perfrig::load
