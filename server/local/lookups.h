// A first tier alone: what a look-up, a miss and a put cost where nothing is
// computed, serialized or sent.
#ifndef PERFRIG_SERVER_LOCAL_LOOKUPS_H_
#define PERFRIG_SERVER_LOCAL_LOOKUPS_H_

#include "common/time/clock.h"
#include "server/drivers/local/local_function.h"

namespace perfrig::local {

// `clock` outlives the functions and what they make. Data of all three:
// {"keys": 4096, "bytes": "10KB", "first_tier_bytes": "256MB", "shared":
// false}.
//
// Looks up keys that are there; FAILED_PRECONDITION where one is not.
drivers::LocalFunction CacheGet(const Clock& clock);
// Looks up keys that are not.
drivers::LocalFunction CacheMiss(const Clock& clock);
// Puts; once the tier is full, something else leaves each time.
drivers::LocalFunction CachePut(const Clock& clock);

}  // namespace perfrig::local

#endif  // PERFRIG_SERVER_LOCAL_LOOKUPS_H_
