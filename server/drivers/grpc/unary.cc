#include "server/drivers/grpc/unary.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "common/status/macros.h"
#include "server/drivers/grpc/blocking_client.h"

namespace perfrig::drivers {

absl::StatusOr<std::string> UnaryCall(Clock& clock, const std::string& address,
                                      const std::string& path,
                                      const std::string& message,
                                      const std::vector<Header>& metadata,
                                      Nanos timeout,
                                      const std::stop_token& stop) {
  const Nanos now = clock.Now();
  const Nanos deadline = timeout < kNever - now ? now + timeout : kNever;
  ASSIGN_OR_RETURN(const std::unique_ptr<BlockingClient> client,
                   BlockingClient::Connect(clock, address, deadline, stop));
  Request request;
  request.path = path;
  request.messages = {message};
  request.metadata = metadata;
  request.wants_messages = true;
  request.single_response = true;
  if (deadline != kNever) {
    request.timeout = std::max<Nanos>(1, deadline - clock.Now());
  }
  ASSIGN_OR_RETURN(std::vector<std::string> messages, client->Call(request));
  return std::move(messages.front());
}

}  // namespace perfrig::drivers
