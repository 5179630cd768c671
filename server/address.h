// Addresses as people write them.
#ifndef PERFRIG_SERVER_ADDRESS_H_
#define PERFRIG_SERVER_ADDRESS_H_

#include <netinet/in.h>

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/time/clock.h"

namespace perfrig {

struct HostPort {
  // A name or an IP address, without brackets.
  std::string host;
  std::uint16_t port = 0;

  // "host:port", IPv6 in brackets.
  std::string ToString() const;
  bool operator==(const HostPort&) const = default;
};

// "host:port" or "[v6]:port", after "dns:///" or "ipv4:" or "ipv6:" or not.
// INVALID_ARGUMENT says what is wrong, without naming the field.
absl::StatusOr<HostPort> ParseHostPort(std::string_view text);

// 16 bytes; IPv4 as ::ffff:a.b.c.d.
std::optional<in6_addr> ParseIp(std::string_view text);
// As ParseIp reads it.
std::string ToText(const in6_addr& address);
bool IsLoopback(const in6_addr& address);
// "10.0.0.0/8", "fd00::/8".
bool InNetwork(const in6_addr& address, std::string_view network);
// True for "10.0.0.0/8" and the like.
bool IsNetwork(std::string_view text);

// All addresses of a name; asks the resolver and blocks until `deadline` at
// most. UNAVAILABLE if it has none, CANCELLED soon after `stop` is requested.
absl::StatusOr<std::vector<in6_addr>> ResolveName(const std::string& host,
                                                  Nanos deadline,
                                                  const std::stop_token& stop);

}  // namespace perfrig

#endif  // PERFRIG_SERVER_ADDRESS_H_
