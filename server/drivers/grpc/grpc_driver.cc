#include "server/drivers/grpc/grpc_driver.h"

#include <utility>

#include "absl/status/status.h"
#include "common/status/macros.h"
#include "server/drivers/grpc/address.h"
#include "server/drivers/grpc/http2_driver.h"

namespace perfrig::drivers {

GrpcDriverFactory::GrpcDriverFactory(Clock& clock,
                                     std::vector<std::string> addresses,
                                     GrpcDriverOptions options)
    : clock_(clock),
      addresses_(std::move(addresses)),
      options_(std::move(options)) {}

absl::StatusOr<std::unique_ptr<Driver>> GrpcDriverFactory::Create(
    const ConnectionPlan& connections, Observer& observer) {
  if (addresses_.empty()) {
    return absl::InvalidArgumentError("the target has no address");
  }
  Http2Driver::Plan plan;
  for (const std::string& text : addresses_) {
    ASSIGN_OR_RETURN(Address address, ParseAddress(text));
    plan.addresses.push_back(std::move(address));
  }
  plan.count = connections.count;
  plan.network = connections.network;
  plan.first = next_connection_.fetch_add(connections.count);
  return std::make_unique<Http2Driver>(clock_, std::move(plan), options_,
                                       observer);
}

}  // namespace perfrig::drivers
