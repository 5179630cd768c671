// Calls that do nothing in particular, to learn what measuring itself costs.
#ifndef PERFRIG_SERVER_LOCAL_BASICS_H_
#define PERFRIG_SERVER_LOCAL_BASICS_H_

#include "common/time/clock.h"
#include "server/drivers/local/local_function.h"

namespace perfrig::local {

drivers::LocalFunction Noop();
// Keeps its thread busy, 100 µs or as long as its data say:
// {"microseconds": 250}, at most 10 s. `clock` outlives it.
drivers::LocalFunction Spin(const Clock& clock);

}  // namespace perfrig::local

#endif  // PERFRIG_SERVER_LOCAL_BASICS_H_
