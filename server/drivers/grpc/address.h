// Where a target listens, as people write it, and as the kernel wants it.
//
//   ASSIGN_OR_RETURN(Address address, ParseAddress("dns:///shop:7072"));
//   ASSIGN_OR_RETURN(std::vector<Endpoint> endpoints, Resolve(address,
//   deadline, stop));
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_ADDRESS_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_ADDRESS_H_

#include <sys/socket.h>

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/time/clock.h"

namespace perfrig::drivers {

struct Address {
  // As it was written; errors name it.
  std::string text;
  // The :authority of requests.
  std::string authority;
  // Empty for a unix socket.
  std::string host;
  std::string port;
  // Empty for a host.
  std::string path;
  // AF_UNSPEC: a name or either family.
  int family = AF_UNSPEC;
};

struct Endpoint {
  sockaddr_storage address{};
  socklen_t length = 0;
};

// "host:port", "[::1]:port", "dns:///name:port", "ipv4:…", "ipv6:…" or
// "unix:/path". INVALID_ARGUMENT naming the text and what is wrong with it.
absl::StatusOr<Address> ParseAddress(std::string_view text);

// Every endpoint of the address, in the resolver's order; at least one.
// Blocks while a name is looked up, until `deadline` at most; CANCELLED soon
// after `stop` is requested. UNAVAILABLE "address: reason".
absl::StatusOr<std::vector<Endpoint>> Resolve(const Address& address,
                                              Nanos deadline,
                                              const std::stop_token& stop);

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_ADDRESS_H_
