// Reads from a second tier behind everything that guards it: backpressure,
// breaker, adaptive timeout.
#ifndef PERFRIG_SERVER_LOCAL_TIER_CALLS_H_
#define PERFRIG_SERVER_LOCAL_TIER_CALLS_H_

#include "server/drivers/local/local_function.h"
#include "server/local/tiers.h"

namespace perfrig::local {

// What `parts` refer to outlives the function and what it makes. Data:
//
//   bytes: 10KB             of the value
//   second_tier: memory     or redis; second_tier_delay: 2ms
//   fail_after: 0           reads that succeed before
//   fail_calls: 0           so many in a row fail
//   max_in_flight: 64, max_waiting: 1000, max_wait: 100ms
//   adaptive_timeout: true, timeout_floor: 10ms
//   breaker_open: 1s        how long it stays open
//   shared: false           one tier for all lanes, or one for each
//
// Trailers: `took_ms`, `timeout_ms` (of the next read), `opened` (how often the
// breaker has), `half_opened` (how often it let the tier be tried after that),
// and what a call took in vain: `refused_us` (the breaker was open),
// `rejected_us` (too many waited already), `expired_us` (it waited too long).
drivers::LocalFunction TierGet(const LocalParts& parts);

}  // namespace perfrig::local

#endif  // PERFRIG_SERVER_LOCAL_TIER_CALLS_H_
