#include "server/runs/call_once.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "common/status/macros.h"

namespace perfrig::runs {
namespace {

constexpr Nanos kConnectTime = 10 * kSecond;
constexpr Nanos kTurn = 50 * kMillisecond;

class Waiter final : public drivers::Observer {
 public:
  void OnMessage(drivers::Slot, std::string_view message, Nanos) override {
    last_message_ = message;
  }

  void OnDone(drivers::Slot, const drivers::Outcome& outcome) override {
    answer_.emplace();
    answer_->status = outcome.status;
    answer_->status_message = outcome.message;
    answer_->message = last_message_;
    if (outcome.trailers != nullptr) answer_->trailers = *outcome.trailers;
    answer_->sent = outcome.sent;
    answer_->done = outcome.done;
  }

  std::optional<OneAnswer> answer_;

 private:
  std::string last_message_;
};

}  // namespace

absl::StatusOr<OneAnswer> CallOnce(Clock& clock,
                                   drivers::DriverFactory& drivers,
                                   const drivers::Request& request,
                                   const std::stop_token& stop, Nanos limit) {
  Waiter waiter;
  ASSIGN_OR_RETURN(std::unique_ptr<drivers::Driver> driver,
                   drivers.Create({}, waiter));
  RETURN_IF_ERROR(
      driver->Connect(std::min(clock.Now() + kConnectTime, limit), stop));
  driver->Start(0, request);
  while (!waiter.answer_) {
    if (stop.stop_requested()) return absl::CancelledError("cancelled");
    if (clock.Now() >= limit) {
      return absl::DeadlineExceededError("time limit passed");
    }
    driver->Poll(clock.Now() + kTurn);
  }
  return *std::move(waiter.answer_);
}

}  // namespace perfrig::runs
