// A single call, with a connection of its own.
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_UNARY_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_UNARY_H_

#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "server/drivers/driver.h"

namespace perfrig::drivers {

// Calls `path`, "/pkg.Service/Method", with one encoded message and waits for
// the encoded answer, for `timeout` at most, connecting included; CANCELLED
// soon after `stop` is requested.
absl::StatusOr<std::string> UnaryCall(Clock& clock, const std::string& address,
                                      const std::string& path,
                                      const std::string& message,
                                      const std::vector<Header>& metadata,
                                      Nanos timeout,
                                      const std::stop_token& stop);

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_UNARY_H_
