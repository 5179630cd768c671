// One connection to a Redis, for one thread, made when it is first needed and
// again after it broke.
#ifndef PERFRIG_SERVER_CACHE_REDIS_CONNECTION_H_
#define PERFRIG_SERVER_CACHE_REDIS_CONNECTION_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "server/cache/redis_address.h"

struct redisContext;

namespace perfrig::cache {

struct RedisReply {
  bool is_null = false;
  // A string's or a status's; else empty.
  std::string text = {};
};

class RedisConnection {
 public:
  // `clock` reads CLOCK_MONOTONIC and outlives this. Larger replies than
  // `max_reply_bytes` are an error.
  RedisConnection(const Clock& clock, RedisAddress address,
                  std::size_t max_reply_bytes);
  ~RedisConnection();

  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  // Blocks until the reply, or until `deadline` (DEADLINE_EXCEEDED). A command
  // that met a connection which had died idle is sent again over a new one, so
  // it must be one that may run twice. UNAVAILABLE where there is no Redis or
  // it is not ready, UNAUTHENTICATED where it wants another login,
  // FAILED_PRECONDITION for its other errors.
  absl::StatusOr<RedisReply> Run(const std::vector<std::string_view>& command,
                                 Nanos deadline);

 private:
  struct Free {
    void operator()(redisContext* context) const;
  };
  using Context = std::unique_ptr<redisContext, Free>;

  absl::Status Connect(Nanos deadline);
  absl::StatusOr<RedisReply> Exchange(
      const std::vector<std::string_view>& command, Nanos deadline);
  absl::Status Send(Nanos deadline);
  absl::StatusOr<RedisReply> Receive(Nanos deadline);
  // Until the socket can do one of `events`.
  absl::Status Await(short events, Nanos deadline);
  // The connection's own error.
  absl::Status Broken();

  const Clock& clock_;
  const RedisAddress address_;
  const std::size_t max_reply_bytes_;
  Context context_;
};

}  // namespace perfrig::cache

#endif  // PERFRIG_SERVER_CACHE_REDIS_CONNECTION_H_
