// How much the calling thread has allocated by operator new, this process's
// own code and the libraries it uses alike.
//
// Linking this replaces the global operator new by one that counts: two
// additions on memory of the thread's own. Builds with a sanitizer keep theirs.
#ifndef PERFRIG_SERVER_LOCAL_ALLOCATIONS_H_
#define PERFRIG_SERVER_LOCAL_ALLOCATIONS_H_

#include "server/drivers/local/local_driver.h"

namespace perfrig::local {

// Null in builds that cannot count.
[[nodiscard]] drivers::AllocationCounter CountedAllocations();

}  // namespace perfrig::local

#endif  // PERFRIG_SERVER_LOCAL_ALLOCATIONS_H_
