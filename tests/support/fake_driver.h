// A driver without a network: calls are answered when a test says, on a fake
// clock that Poll moves on.
//
//   FakeClock clock;
//   FakeDriverFactory drivers(clock, [](const FakeCall&) {
//     return FakeAnswer{.delay = 20 * kMillisecond};
//   });
#ifndef PERFRIG_TESTS_SUPPORT_FAKE_DRIVER_H_
#define PERFRIG_TESTS_SUPPORT_FAKE_DRIVER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/drivers/driver.h"
#include "tests/support/fake_clock.h"

namespace perfrig {

// A call as the fake target sees it.
struct FakeCall {
  // 0, 1, 2, … in the order of Start.
  std::uint64_t number = 0;
  Nanos sent = 0;
  const drivers::Request* request = nullptr;
};

struct FakeAnswer {
  // From `sent`; kNever: until it is cancelled.
  Nanos delay = 0;
  int status = 0;
  std::string message = {};
  std::vector<drivers::Header> trailers = {};
  // Response messages, evenly spread over the delay, the last at its end.
  std::uint32_t messages = 1;
  Nanos stream_wait = 0;
};

using FakeTarget = std::function<FakeAnswer(const FakeCall&)>;

class FakeDriver final : public drivers::Driver {
 public:
  FakeDriver(FakeClock& clock, FakeTarget target, drivers::Observer& observer)
      : clock_(clock), target_(std::move(target)), observer_(observer) {}

  absl::Status Connect(Nanos, const std::stop_token&) override {
    return absl::OkStatus();
  }

  void Start(drivers::Slot slot, const drivers::Request& request) override {
    const Nanos now = clock_.Now();
    FakeAnswer answer = target_({started_++, now, &request});
    const Nanos due = answer.delay == kNever ? kNever : now + answer.delay;
    Call call{slot, now + answer.stream_wait, std::move(answer)};
    calls_.emplace(due, std::move(call));
  }

  void Cancel(drivers::Slot slot) override {
    for (auto at = calls_.begin(); at != calls_.end(); ++at) {
      if (at->second.slot != slot) continue;
      Call call = std::move(at->second);
      call.answer.status = 1;
      call.answer.messages = 0;
      calls_.erase(at);
      calls_.emplace(clock_.Now(), std::move(call));
      return;
    }
  }

  void Poll(Nanos until) override {
    const Nanos first = calls_.empty() ? kNever : calls_.begin()->first;
    clock_.AdvanceTo(first < until ? first : until);
    const Nanos now = clock_.Now();
    std::vector<std::pair<Nanos, Call>> ended;
    while (!calls_.empty() && calls_.begin()->first <= now) {
      ended.emplace_back(calls_.begin()->first,
                         std::move(calls_.begin()->second));
      calls_.erase(calls_.begin());
    }
    for (const auto& [due, call] : ended) End(due, call);
  }

  drivers::Connections TakeConnections() override {
    return {.made = 1, .reconnects = 0, .connect_times = {kMillisecond}};
  }

 private:
  struct Call {
    drivers::Slot slot;
    Nanos sent;
    FakeAnswer answer;
  };

  void End(Nanos due, const Call& call) {
    const FakeAnswer& answer = call.answer;
    drivers::Outcome outcome;
    outcome.sent = call.sent;
    outcome.done = due;
    outcome.stream_wait = answer.stream_wait;
    for (std::uint32_t i = 1; i <= answer.messages; ++i) {
      const Nanos at = call.sent + (due - call.sent) * i / answer.messages;
      if (i == 1) outcome.first = at;
      observer_.OnMessage(call.slot, "answer", at);
    }
    outcome.status = answer.status;
    outcome.message = answer.message;
    outcome.trailers = &answer.trailers;
    outcome.messages_sent = 1;
    outcome.messages_received = answer.messages;
    outcome.bytes_sent = 100;
    outcome.bytes_received = 10 * answer.messages;
    observer_.OnDone(call.slot, outcome);
  }

  FakeClock& clock_;
  const FakeTarget target_;
  drivers::Observer& observer_;
  // By the time of their end.
  std::multimap<Nanos, Call> calls_;
  std::uint64_t started_ = 0;
};

class FakeDriverFactory final : public drivers::DriverFactory {
 public:
  // `clock` outlives the factory and its drivers.
  FakeDriverFactory(FakeClock& clock, FakeTarget target)
      : clock_(clock), target_(std::move(target)) {}

  absl::StatusOr<std::unique_ptr<drivers::Driver>> Create(
      const drivers::ConnectionPlan&, drivers::Observer& observer) override {
    return std::make_unique<FakeDriver>(clock_, target_, observer);
  }

 private:
  FakeClock& clock_;
  const FakeTarget target_;
};

}  // namespace perfrig

#endif  // PERFRIG_TESTS_SUPPORT_FAKE_DRIVER_H_
