// A Redis as second tier, over hiredis: a few threads with a connection each.
//
//   ASSIGN_OR_RETURN(const RedisAddress address,
//                    ParseRedisAddress("127.0.0.1:6379"));
//   RedisTier tier(clock, {.address = address});
//
// Which connection serves a key depends on the key, so that what is asked for
// it happens in order. There is no Redis at first, or no more: each operation
// fails with UNAVAILABLE and the next one tries again; a Breaker in front of it
// spares the time.
#ifndef PERFRIG_SERVER_CACHE_REDIS_TIER_H_
#define PERFRIG_SERVER_CACHE_REDIS_TIER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "server/cache/redis_address.h"
#include "server/cache/second_tier.h"

namespace perfrig::cache {

struct RedisOptions {
  RedisAddress address;
  // At least 1.
  std::size_t connections = 4;
  // Operations that wait for each of them.
  std::size_t max_waiting = 256;
  std::size_t max_value_bytes = std::size_t{32} << 20;
};

class RedisTier final : public SecondTier {
 public:
  // `clock` reads CLOCK_MONOTONIC and outlives this.
  RedisTier(const Clock& clock, const RedisOptions& options);
  // Closes.
  ~RedisTier() override;

  // Answers what waits, and all that comes later, with UNAVAILABLE, and waits
  // for what runs, which its deadlines bound. Not on a thread that it answers
  // on.
  void Close();

  void Get(std::string key, Nanos deadline,
           PendingPtr<absl::StatusOr<Value>> pending) override;
  // To the millisecond, and at least one.
  void Put(std::string key, Value value, Nanos ttl, Nanos deadline,
           PendingPtr<absl::Status> pending) override;
  void Delete(std::string key, Nanos deadline,
              PendingPtr<absl::Status> pending) override;

 private:
  class Worker;

  Worker& WorkerOf(const std::string& key);

  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace perfrig::cache

#endif  // PERFRIG_SERVER_CACHE_REDIS_TIER_H_
