// Functions of the daemon's own process that suites call as `local:name`, to
// learn what measuring itself costs.
#ifndef PERFRIG_SERVER_LOCAL_FUNCTIONS_H_
#define PERFRIG_SERVER_LOCAL_FUNCTIONS_H_

#include "common/time/clock.h"
#include "server/drivers/local/local_driver.h"

namespace perfrig {

// `noop` does nothing; `spin` keeps its thread busy, 100 µs or as long as its
// data say: {"microseconds": 250}, at most 10 s. `clock` outlives them.
drivers::LocalFunctions MakeLocalFunctions(const Clock& clock);

}  // namespace perfrig

#endif  // PERFRIG_SERVER_LOCAL_FUNCTIONS_H_
