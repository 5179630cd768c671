// What can be chosen about the gRPC driver.
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_OPTIONS_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_OPTIONS_H_

#include <cstddef>
#include <string>

#include "common/time/clock.h"

namespace perfrig::drivers {

struct GrpcDriverOptions {
  // Longest response message, as sent and after decompression, in bytes.
  // Longer ones end the call as RESOURCE_EXHAUSTED.
  std::size_t max_message_bytes = std::size_t{64} << 20;
  // How long a connection that replaces a lost one may take, for each endpoint
  // of its address.
  Nanos reconnect_timeout = 2 * kSecond;
  std::string user_agent = "perfrig";
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_OPTIONS_H_
