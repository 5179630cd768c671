// All functions of the daemon's own process that suites call as `local:name`.
#ifndef PERFRIG_SERVER_LOCAL_LOCAL_FUNCTIONS_H_
#define PERFRIG_SERVER_LOCAL_LOCAL_FUNCTIONS_H_

#include "server/drivers/local/local_function.h"
#include "server/local/tiers.h"

namespace perfrig::local {

// What `parts` refer to outlives them. docs/suites-local.md has them all.
drivers::LocalFunctions MakeLocalFunctions(const LocalParts& parts);

}  // namespace perfrig::local

#endif  // PERFRIG_SERVER_LOCAL_LOCAL_FUNCTIONS_H_
