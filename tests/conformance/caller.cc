#include "tests/conformance/caller.h"

#include <utility>

#include "common/status/macros.h"
#include "server/drivers/grpc/grpc_driver.h"

namespace perfrig {
namespace {

constexpr drivers::Slot kSlot = 3;
constexpr Nanos kLongest = 20 * kSecond;

}  // namespace

absl::Status Caller::Connect(const std::string& address) {
  factory_ = std::make_unique<drivers::GrpcDriverFactory>(
      clock_, std::vector<std::string>{address});
  ASSIGN_OR_RETURN(driver_, factory_->Create({}, *this));
  return driver_->Connect(clock_.Now() + 10 * kSecond, {});
}

Reply Caller::Call(const drivers::Request& request,
                   const std::function<void()>& after_start,
                   const std::function<void()>& on_message) {
  reply_ = {};
  on_message_ = on_message;
  driver_->Start(kSlot, request);
  if (after_start) after_start();
  const Nanos until = clock_.Now() + kLongest;
  while (reply_.times_done == 0 && clock_.Now() < until) {
    driver_->Poll(clock_.Now() + 50 * kMillisecond);
  }
  // Nothing may come after the end.
  driver_->Poll(clock_.Now() + kMillisecond);
  return reply_;
}

void Caller::Cancel() { driver_->Cancel(kSlot); }

void Caller::OnMessage(drivers::Slot slot, std::string_view message, Nanos at) {
  reply_.messages.emplace_back(message);
  if (on_message_) on_message_();
}

void Caller::OnDone(drivers::Slot slot, const drivers::Outcome& outcome) {
  ++reply_.times_done;
  reply_.status = outcome.status;
  reply_.message = std::string(outcome.message);
  if (outcome.trailers != nullptr) reply_.trailers = *outcome.trailers;
  reply_.sent = outcome.sent;
  reply_.first = outcome.first;
  reply_.done = outcome.done;
}

}  // namespace perfrig
