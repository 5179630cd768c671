#include "server/drivers/grpc/blocking_client.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "common/status/macros.h"
#include "server/drivers/grpc/grpc_driver.h"

namespace perfrig::drivers {

absl::StatusOr<std::unique_ptr<BlockingClient>> BlockingClient::Connect(
    Clock& clock, const std::string& address, Nanos deadline) {
  // Its constructor is private.
  std::unique_ptr<BlockingClient> client(new BlockingClient());
  ASSIGN_OR_RETURN(client->driver_,
                   GrpcDriverFactory(clock, {address}).Create(1, *client));
  RETURN_IF_ERROR(client->driver_->Connect(deadline));
  return client;
}

absl::StatusOr<std::vector<std::string>> BlockingClient::Call(
    const Request& request) {
  done_ = false;
  messages_.clear();
  driver_->Start(0, request);
  while (!done_) driver_->Poll(kNever);
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
