// Where a Redis is, and how to log in.
#ifndef PERFRIG_SERVER_CACHE_REDIS_ADDRESS_H_
#define PERFRIG_SERVER_CACHE_REDIS_ADDRESS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace perfrig::cache {

struct RedisAddress {
  // Or the path of a Unix socket, and port 0.
  std::string host;
  std::uint16_t port = 6379;
  // Empty: no AUTH; an empty user is Redis's own default.
  std::string user;
  std::string password;
  std::uint32_t database = 0;
};

// "[redis://][[user]:password@]host[:port][/database]", an IPv6 address in
// brackets, or "unix:/path". INVALID_ARGUMENT otherwise.
absl::StatusOr<RedisAddress> ParseRedisAddress(std::string_view text);

}  // namespace perfrig::cache

#endif  // PERFRIG_SERVER_CACHE_REDIS_ADDRESS_H_
