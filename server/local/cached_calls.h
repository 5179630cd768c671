// Calls of a cached function, as a suite's data describe them.
#ifndef PERFRIG_SERVER_LOCAL_CACHED_CALLS_H_
#define PERFRIG_SERVER_LOCAL_CACHED_CALLS_H_

#include "server/drivers/local/local_function.h"
#include "server/local/tiers.h"

namespace perfrig::local {

// What `parts` refer to outlives the function and what it makes. Data:
//
//   calls: both             a miss and then a hit of the same key; or miss, hit
//   payload, bytes, rows, serializer      of the result
//   first_tier_bytes: 16MB  0: nothing is found there
//   second_tier: memory     or none, redis; second_tier_delay: 2ms
//   encrypt: false          in the second tier
//   found: first_tier       where hits have to be found; or second_tier
//   path: callbacks         or direct: the first tier alone, as a function
//   keys: 64                of hits without a miss before
//   shared: false           one cache for all lanes, or one for each
//   phases: false           tells where the time went: key, serialization,
//                           first_tier, deserialization, machinery (the rest)
//
// FAILED_PRECONDITION where a hit is found elsewhere, or nowhere.
drivers::LocalFunction CacheCall(const LocalParts& parts);

}  // namespace perfrig::local

#endif  // PERFRIG_SERVER_LOCAL_CACHED_CALLS_H_
