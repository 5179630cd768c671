// A lane's sessions: long streams that all open before one of them talks.
#include <algorithm>

#include "server/load/lane.h"

namespace perfrig::load {
namespace {

// A peer may have nothing to say before it has heard something: after this a
// session counts as open.
constexpr Nanos kOpenTime = 2 * kSecond;

Nanos Spread(Nanos interval, std::uint64_t session, std::uint32_t sessions) {
  return static_cast<Nanos>(static_cast<double>(interval) *
                            static_cast<double>(session) /
                            static_cast<double>(sessions));
}

}  // namespace

void Lane::OnOpen(drivers::Slot id) { MarkOpen(*slots_[id]); }

void Lane::MarkOpen(CallSlot& slot) {
  if (slot.open) return;
  slot.open = true;
  setup_.sessions->Open(setup_.clock->Now());
}

void Lane::BeginSessions() {
  if (!behind_ && now_ >= last_start_ + kOpenTime) {
    for (const auto& slot : slots_) MarkOpen(*slot);
  }
  const Nanos begin = setup_.sessions->begin();
  if (begin == kNever) return;
  talking_ = true;
  const LoadPlan& plan = *setup_.plan;
  for (std::size_t id = 0; id < slots_.size(); ++id) {
    CallSlot& slot = *slots_[id];
    if (!slot.in_flight) continue;
    const drivers::Request& request = slot.requests[slot.call.step];
    slot.first_message =
        begin + Spread(request.message_interval,
                       slot.call.sequence - plan.first_sequence, plan.sessions);
    driver_->SendMessages(static_cast<drivers::Slot>(id), slot.first_message);
    const auto count = static_cast<Nanos>(request.messages.size());
    // The load ends with the last planned message.
    last_start_ =
        std::max(last_start_, slot.first_message - start_ +
                                  (count - 1) * request.message_interval);
  }
}

void Lane::OnAnswer(drivers::Slot id, Nanos at) {
  CallSlot& slot = *slots_[id];
  if (!talking_) return;
  const drivers::Request& request = slot.requests[slot.call.step];
  const auto count = static_cast<Nanos>(request.messages.size());
  if (slot.answers >= count) return;
  const Nanos planned =
      slot.first_message + slot.answers * request.message_interval;
  // Nothing that comes before its message is an answer to it: a heartbeat.
  if (at < planned) return;
  recorder_.Answered(slot.call, at - planned);
  if (++slot.answers == count) driver_->HalfClose(id);
}

}  // namespace perfrig::load
