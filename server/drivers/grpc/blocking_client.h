// One call at a time, for callers that have nothing else to do: setup calls,
// questions about the target, tests.
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_BLOCKING_CLIENT_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_BLOCKING_CLIENT_H_

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "server/drivers/driver.h"

namespace perfrig::drivers {

// Not thread-safe.
class BlockingClient final : private Observer {
 public:
  // A client with one connection. `clock` outlives it. INVALID_ARGUMENT or
  // UNAVAILABLE naming the address. CANCELLED, as every later call, soon after
  // `stop` is requested.
  static absl::StatusOr<std::unique_ptr<BlockingClient>> Connect(
      Clock& clock, const std::string& address, Nanos deadline,
      const std::stop_token& stop);

  // The messages of the answer; its status if that is not OK. Waits as long as
  // the request's timeout lets it.
  absl::StatusOr<std::vector<std::string>> Call(const Request& request);

 private:
  BlockingClient(Clock& clock, std::stop_token stop)
      : clock_(clock), stop_(std::move(stop)) {}

  void OnMessage(Slot slot, std::string_view message, Nanos at) override;
  void OnDone(Slot slot, const Outcome& outcome) override;

  Clock& clock_;
  const std::stop_token stop_;
  std::unique_ptr<Driver> driver_;
  bool done_ = false;
  absl::Status status_;
  std::vector<std::string> messages_;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_BLOCKING_CLIENT_H_
