#include "server/drivers/local/local_driver.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace perfrig::drivers {
namespace {

// Calls that a lane keeps ready; more than a test has steps, unless their data
// differ each time.
constexpr std::size_t kMostReady = 128;

class LocalDriver final : public Driver {
 public:
  LocalDriver(Clock& clock, const LocalFunctions& functions,
              AllocationCounter allocations, LocalScope& scope,
              Observer& observer)
      : clock_(clock),
        functions_(functions),
        allocations_(allocations),
        scope_(scope),
        observer_(observer) {}

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
  struct Ready {
    std::string name;
    std::string data;
    std::unique_ptr<LocalCall> call;
  };

  // When it ended.
  Nanos Run(const Call& call);
  Nanos Measure(const Call& call, LocalCall& ready, std::string_view data);
  absl::StatusOr<LocalCall*> MakeReady(std::string_view name,
                                       std::string_view data);
  Nanos End(const Call& call, const absl::Status& status, Outcome outcome);

  Clock& clock_;
  const LocalFunctions& functions_;
  const AllocationCounter allocations_;
  LocalScope& scope_;
  Observer& observer_;
  std::deque<Call> queue_;
  // By slot: to be ended as CANCELLED when its turn comes.
  std::vector<bool> cancelled_;
  std::vector<Ready> ready_;
  LocalTrailers trailers_;
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
  if (cancelled_[call.slot]) {
    return End(call, absl::CancelledError("cancelled"), {});
  }
  const std::string_view data = call.request->messages.empty()
                                    ? std::string_view()
                                    : call.request->messages.front();
  const absl::StatusOr<LocalCall*> ready = MakeReady(call.request->path, data);
  if (!ready.ok()) return End(call, ready.status(), {});
  const absl::Status prepared = (*ready)->Prepare();
  if (!prepared.ok()) return End(call, prepared, {});
  return Measure(call, **ready, data);
}

Nanos LocalDriver::Measure(const Call& call, LocalCall& ready,
                           std::string_view data) {
  Outcome outcome;
  Allocations before;
  if (allocations_ != nullptr) before = allocations_();
  outcome.sent = clock_.Now();
  if (outcome.sent >= call.deadline) {
    outcome.sent = 0;
    return End(call, absl::DeadlineExceededError("waited for its turn"),
               outcome);
  }
  absl::Status status = ready.Run();
  outcome.done = clock_.Now();
  trailers_.Clear();
  if (allocations_ != nullptr) {
    const Allocations after = allocations_();
    trailers_.Add("allocations",
                  static_cast<double>(after.count - before.count));
    trailers_.Add("allocated_bytes",
                  static_cast<double>(after.bytes - before.bytes));
  }
  ready.Tell(outcome.done - outcome.sent, trailers_);
  outcome.trailers = &trailers_.headers();
  outcome.first = status.ok() ? outcome.done : 0;
  outcome.messages_sent = 1;
  outcome.messages_received = status.ok() ? 1 : 0;
  outcome.bytes_sent = data.size();
  if (status.ok() && outcome.done > call.deadline) {
    status = absl::DeadlineExceededError("took longer than its deadline");
  }
  return End(call, status, outcome);
}

absl::StatusOr<LocalCall*> LocalDriver::MakeReady(std::string_view name,
                                                  std::string_view data) {
  for (const Ready& each : ready_) {
    if (each.data == data && each.name == name) return each.call.get();
  }
  const auto function = functions_.find(name);
  if (function == functions_.end()) {
    return absl::UnimplementedError(
        absl::StrCat("no local function \"", std::string(name), "\""));
  }
  absl::StatusOr<std::unique_ptr<LocalCall>> made =
      function->second.make(data, scope_);
  if (!made.ok()) return made.status();
  if (ready_.size() == kMostReady) ready_.clear();
  ready_.push_back({std::string(name), std::string(data), *std::move(made)});
  return ready_.back().call.get();
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
  return std::make_unique<LocalDriver>(clock_, functions_, allocations_, scope_,
                                       observer);
}

}  // namespace perfrig::drivers
