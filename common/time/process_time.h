// CPU time of whole processes.
#ifndef PERFRIG_COMMON_TIME_PROCESS_TIME_H_
#define PERFRIG_COMMON_TIME_PROCESS_TIME_H_

#include <sys/types.h>

#include <optional>

#include "common/time/clock.h"

namespace perfrig {

// That a process has used; nothing where there is none of that id.
[[nodiscard]] std::optional<Nanos> ProcessCpuTime(pid_t process);

}  // namespace perfrig

#endif  // PERFRIG_COMMON_TIME_PROCESS_TIME_H_
