// Makes calls with a driver and keeps what came of them.
#ifndef PERFRIG_TESTS_UNIT_SERVER_DRIVERS_GRPC_CALLER_H_
#define PERFRIG_TESTS_UNIT_SERVER_DRIVERS_GRPC_CALLER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/time/clock.h"
#include "server/drivers/driver.h"
#include "server/drivers/grpc/grpc_driver.h"

namespace perfrig::drivers {

// `bytes` times the same letter.
inline std::string Filler(std::size_t bytes) {
  std::string filler;
  filler.resize(bytes, 'x');
  return filler;
}

class Caller final : public Observer {
 public:
  struct Result {
    int times_done = 0;
    Outcome outcome;
    std::string message;
    std::vector<Header> headers;
    std::vector<Header> trailers;
    std::vector<std::string> messages;
  };

  explicit Caller(std::vector<std::string> addresses,
                  GrpcDriverOptions options = {},
                  const ConnectionPlan& connections = {})
      : factory_(clock_, std::move(addresses), std::move(options)),
        driver_(factory_.Create(connections, *this).value()) {}

  absl::Status Connect(Nanos within = 5 * kSecond,
                       const std::stop_token& stop = {}) {
    return driver_->Connect(within == kNever ? kNever : clock_.Now() + within,
                            stop);
  }

  // A request with one message, whose answer is to be one message too.
  static Request Unary(std::string message) {
    Request request;
    request.path = "/test.Service/Method";
    request.messages = {std::move(message)};
    request.wants_messages = true;
    request.single_response = true;
    return request;
  }

  void Start(Slot slot, Request request) {
    requests_[slot] = std::move(request);
    driver_->Start(slot, requests_[slot]);
    ++open_;
  }
  void Cancel(Slot slot) { driver_->Cancel(slot); }
  void SendMessages(Slot slot, Nanos in) {
    driver_->SendMessages(slot, clock_.Now() + in);
  }
  void HalfClose(Slot slot) { driver_->HalfClose(slot); }

  // Polls until no call is open, or the time is up. True: none is.
  bool Finish(Nanos within = 20 * kSecond) {
    const Nanos until = clock_.Now() + within;
    while (open_ > 0 && clock_.Now() < until) driver_->Poll(until);
    return open_ == 0;
  }
  void PollFor(Nanos time) {
    const Nanos until = clock_.Now() + time;
    while (clock_.Now() < until) driver_->Poll(until);
  }

  // One call from start to end.
  const Result& Call(Request request) {
    results_.erase(0);
    Start(0, std::move(request));
    Finish();
    return results_[0];
  }

  const Result& result(Slot slot) { return results_[slot]; }
  Connections TakeConnections() { return driver_->TakeConnections(); }
  int open() const { return open_; }
  // Called at each OnDone, after it was counted.
  std::function<void(Slot)> on_done = [](Slot) {};

 private:
  void OnMessage(Slot slot, std::string_view message, Nanos /*at*/) override {
    results_[slot].messages.emplace_back(message);
  }
  void OnDone(Slot slot, const Outcome& outcome) override {
    Result& result = results_[slot];
    ++result.times_done;
    result.outcome = outcome;
    result.message = outcome.message;
    result.headers = *outcome.headers;
    result.trailers = *outcome.trailers;
    --open_;
    on_done(slot);
  }

  SystemClock clock_;
  GrpcDriverFactory factory_;
  std::map<Slot, Request> requests_;
  std::map<Slot, Result> results_;
  int open_ = 0;
  std::unique_ptr<Driver> driver_;
};

// gRPC status codes, as outcomes carry them.
inline constexpr int kOk = 0;
inline constexpr int kCancelled = 1;
inline constexpr int kUnknown = 2;
inline constexpr int kDeadlineExceeded = 4;
inline constexpr int kResourceExhausted = 8;
inline constexpr int kUnimplemented = 12;
inline constexpr int kInternal = 13;
inline constexpr int kUnavailable = 14;

}  // namespace perfrig::drivers

#endif  // PERFRIG_TESTS_UNIT_SERVER_DRIVERS_GRPC_CALLER_H_
