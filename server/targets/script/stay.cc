#include "server/targets/script/stay.h"

#include <algorithm>
#include <utility>

namespace perfrig::targets {

Stay::Stay(Scope& scope, Station& station)
    : scope_(scope), station_(station), began_(station.clock().Now()) {
  station.Come(*this);
}

Stay::~Stay() {
  station_.Go(*this);
  if (held_bytes() > 0) station_.GiveBack(*this);
}

Stay::Step Stay::Enter(const Station::Request& request) {
  return {*this, Step::Entering{request}};
}

Stay::Step Stay::Work(const Station::Request& request) {
  return {*this, Step::Working{request}};
}

Stay::Step Stay::Work(const DelaySampler* own_delay) {
  return Work({.work_times = 1, .own_delay = own_delay});
}

Stay::Step Stay::WaitUntil(Nanos due, Phase phase) {
  return {*this, Step::Waiting{due, phase, /*wakeable=*/false}};
}

Stay::Step Stay::WaitUntilWoken(Nanos due, Phase phase) {
  return {*this, Step::Waiting{due, phase, /*wakeable=*/true}};
}

Stay::Step Stay::Transfer(double bytes) {
  return WaitUntil(Now() + Station::TransferTime(*this, bytes),
                   Phase::kTransfer);
}

void Stay::Leave(absl::StatusCode code) {
  const Nanos rest = Now() - began_ - phases().Sum();
  if (entered_ && !stream_ && rest > 0) AddPhase(Phase::kWork, rest);
  const auto held = static_cast<double>(held_bytes());
  station_.Leave(*this, code, /*keep_payload=*/held > kLightMessage);
}

absl::Status Stay::HoldLargest(double bytes, double& most) {
  if (bytes <= std::max(most, kLightMessage)) return absl::OkStatus();
  absl::Status held = Hold(bytes - most);
  if (held.ok()) most = bytes;
  return held;
}

void Stay::Resume(const absl::Status& status) { step_->Complete(status); }

bool Stay::Interrupt(const absl::Status& why) {
  Wait* const taken = scope_.TakeOut(why);
  if (taken == nullptr) return false;
  taken_ = taken;
  return true;
}

void Stay::GoOn(const absl::Status& /*why*/) {
  std::exchange(taken_, nullptr)->Resume();
}

void Stay::Step::Begin() {
  stay_.step_ = this;
  if (const auto* entering = std::get_if<Entering>(&kind_)) {
    stay_.entered_ = true;
    stay_.stream_ = entering->request.stream;
    stay_.station_.Enter(stay_, entering->request);
  } else if (const auto* working = std::get_if<Working>(&kind_)) {
    stay_.station_.Work(stay_, working->request);
  } else if (const auto* waiting = std::get_if<Waiting>(&kind_)) {
    if (waiting->wakeable) {
      stay_.station_.WaitUntilWoken(stay_, waiting->due, waiting->phase);
    } else {
      stay_.station_.WaitUntil(stay_, waiting->due, waiting->phase);
    }
  }
}

}  // namespace perfrig::targets
