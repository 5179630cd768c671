// One call at a time through the driver, with all that came back.
#ifndef PERFRIG_TESTS_CONFORMANCE_CALLER_H_
#define PERFRIG_TESTS_CONFORMANCE_CALLER_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/time/clock.h"
#include "server/drivers/driver.h"

namespace perfrig {

struct Reply {
  // How often the driver said that the call is done; one, if it is right.
  int times_done = 0;
  int status = -1;
  std::string message;
  std::vector<drivers::Header> trailers;
  // Response messages in order.
  std::vector<std::string> messages;
  Nanos sent = 0;
  Nanos first = 0;
  Nanos done = 0;
};

class Caller final : public drivers::Observer {
 public:
  // Connects one connection to `address`.
  absl::Status Connect(const std::string& address);

  // Starts a call and polls until it is done, for 20 s at most.
  // `after_start` runs once it is started, `on_message` with each message.
  Reply Call(const drivers::Request& request,
             const std::function<void()>& after_start = {},
             const std::function<void()>& on_message = {});

  // For the two hooks: cancels the call that is under way.
  void Cancel();

 private:
  void OnMessage(drivers::Slot slot, std::string_view message,
                 Nanos at) override;
  void OnDone(drivers::Slot slot, const drivers::Outcome& outcome) override;

  SystemClock clock_;
  Reply reply_;
  std::function<void()> on_message_;
  // The factory outlives the driver it made.
  std::unique_ptr<drivers::DriverFactory> factory_;
  std::unique_ptr<drivers::Driver> driver_;
};

}  // namespace perfrig

#endif  // PERFRIG_TESTS_CONFORMANCE_CALLER_H_
