#include "server/drivers/grpc/blocking_client.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "common/status/macros.h"
#include "server/drivers/grpc/grpc_driver.h"

namespace perfrig::drivers {
namespace {

// How long it waits for bytes at most before it looks whether to stop.
constexpr Nanos kLookAgain = 50 * kMillisecond;

}  // namespace

absl::StatusOr<std::unique_ptr<BlockingClient>> BlockingClient::Connect(
    Clock& clock, const std::string& address, Nanos deadline,
    const std::stop_token& stop) {
  // Its constructor is private.
  std::unique_ptr<BlockingClient> client(new BlockingClient(clock, stop));
  ASSIGN_OR_RETURN(client->driver_,
                   GrpcDriverFactory(clock, {address}).Create({}, *client));
  RETURN_IF_ERROR(client->driver_->Connect(deadline, stop));
  return client;
}

absl::StatusOr<std::vector<std::string>> BlockingClient::Call(
    const Request& request) {
  done_ = false;
  messages_.clear();
  driver_->Start(0, request);
  bool stopping = false;
  while (!done_) {
    if (!stopping && stop_.stop_requested()) {
      stopping = true;
      driver_->Cancel(0);
    }
    driver_->Poll(clock_.Now() + kLookAgain);
  }
  if (!status_.ok()) return status_;
  return std::move(messages_);
}

void BlockingClient::OnMessage(Slot /*slot*/, std::string_view message,
                               Nanos /*at*/) {
  messages_.emplace_back(message);
}

void BlockingClient::OnDone(Slot /*slot*/, const Outcome& outcome) {
  done_ = true;
  status_ = absl::Status(
      static_cast<absl::StatusCode>(outcome.status),
      absl::string_view(outcome.message.data(), outcome.message.size()));
}

}  // namespace perfrig::drivers
