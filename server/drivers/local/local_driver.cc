#include "server/drivers/local/local_driver.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "absl/strings/str_cat.h"

namespace perfrig::drivers {
namespace {

class LocalDriver final : public Driver {
 public:
  LocalDriver(Clock& clock, const LocalFunctions& functions, Observer& observer)
      : clock_(clock), functions_(functions), observer_(observer) {}

  absl::Status Connect(Nanos, const std::stop_token&) override {
    return absl::OkStatus();
  }
  void Start(Slot slot, const Request& request) override;
  void Cancel(Slot slot) override;
  void Poll(Nanos until) override;
  Connections TakeConnections() override { return {}; }

 private:
  struct Call {
    Slot slot;
    const Request* request;
    // When it has been waiting for too long.
    Nanos deadline;
  };

  // When it ended.
  Nanos Run(const Call& call);
  Nanos End(const Call& call, const absl::Status& status, Outcome outcome);

  Clock& clock_;
  const LocalFunctions& functions_;
  Observer& observer_;
  std::deque<Call> queue_;
  // By slot: to be ended as CANCELLED when its turn comes.
  std::vector<bool> cancelled_;
};

void LocalDriver::Start(Slot slot, const Request& request) {
  if (slot >= cancelled_.size()) cancelled_.resize(slot + std::size_t{1});
  cancelled_[slot] = false;
  const Nanos deadline =
      request.timeout == kNever ? kNever : clock_.Now() + request.timeout;
  queue_.push_back({slot, &request, deadline});
}

void LocalDriver::Cancel(Slot slot) {
  if (slot < cancelled_.size()) cancelled_[slot] = true;
}

void LocalDriver::Poll(Nanos until) {
  if (queue_.empty()) {
    clock_.SleepUntil(until);
    return;
  }
  // Only those that wait now: what their ends start has its turn in the next
  // Poll, so that the lane can look after other things.
  for (std::size_t waiting = queue_.size(); waiting > 0; --waiting) {
    const Call call = queue_.front();
    queue_.pop_front();
    if (Run(call) >= until) return;
  }
}

Nanos LocalDriver::Run(const Call& call) {
  Outcome outcome;
  if (cancelled_[call.slot]) {
    return End(call, absl::CancelledError("cancelled"), outcome);
  }
  const auto function = functions_.find(call.request->path);
  if (function == functions_.end()) {
    return End(call,
               absl::UnimplementedError(absl::StrCat("no local function \"",
                                                     call.request->path, "\"")),
               outcome);
  }
  const std::string_view data = call.request->messages.empty()
                                    ? std::string_view()
                                    : call.request->messages.front();
  outcome.sent = clock_.Now();
  if (outcome.sent >= call.deadline) {
    outcome.sent = 0;
    return End(call, absl::DeadlineExceededError("waited for its turn"),
               outcome);
  }
  absl::Status status = function->second(data);
  outcome.done = clock_.Now();
  outcome.first = status.ok() ? outcome.done : 0;
  outcome.messages_sent = 1;
  outcome.messages_received = status.ok() ? 1 : 0;
  outcome.bytes_sent = data.size();
  if (status.ok() && outcome.done > call.deadline) {
    status = absl::DeadlineExceededError("took longer than its deadline");
  }
  return End(call, status, outcome);
}

Nanos LocalDriver::End(const Call& call, const absl::Status& status,
                       Outcome outcome) {
  if (outcome.done == 0) outcome.done = clock_.Now();
  outcome.status = static_cast<int>(status.code());
  outcome.message =
      std::string_view(status.message().data(), status.message().size());
  observer_.OnDone(call.slot, outcome);
  return outcome.done;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Driver>> LocalDriverFactory::Create(
    const ConnectionPlan&, Observer& observer) {
  return std::make_unique<LocalDriver>(clock_, functions_, observer);
}

}  // namespace perfrig::drivers
