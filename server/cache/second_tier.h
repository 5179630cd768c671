// A store behind the first tier, which several caches may share. It takes a
// while to answer, so it answers later: RedisTier is one.
//
//   tier.Get("user/7", clock.Now() + 50 * kMillisecond,
//            MakePending<absl::StatusOr<Value>>([](auto value) { … }));
#ifndef PERFRIG_SERVER_CACHE_SECOND_TIER_H_
#define PERFRIG_SERVER_CACHE_SECOND_TIER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "server/cache/pending.h"
#include "server/cache/value.h"

namespace perfrig::cache {

// Thread-safe. Bounded: RESOURCE_EXHAUSTED where too much waits. Answers each
// call, unless it is withdrawn, on any thread, with DEADLINE_EXCEEDED at
// `deadline` or soon after. What is asked for one key happens in the order of
// asking. It has answered everything when its destructor returns.
class SecondTier {
 public:
  virtual ~SecondTier() = default;

  // Null where there is none.
  virtual void Get(std::string key, Nanos deadline,
                   PendingPtr<absl::StatusOr<Value>> pending) = 0;
  // `ttl`: kNever, or how long from now.
  virtual void Put(std::string key, Value value, Nanos ttl, Nanos deadline,
                   PendingPtr<absl::Status> pending) = 0;
  // OK where there was none, too.
  virtual void Delete(std::string key, Nanos deadline,
                      PendingPtr<absl::Status> pending) = 0;
};

}  // namespace perfrig::cache

#endif  // PERFRIG_SERVER_CACHE_SECOND_TIER_H_
