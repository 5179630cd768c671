#include "common/time/process_time.h"

#include <time.h>

namespace perfrig {

std::optional<Nanos> ProcessCpuTime(pid_t process) {
  clockid_t clock;
  timespec used;
  if (clock_getcpuclockid(process, &clock) != 0 ||
      clock_gettime(clock, &used) != 0) {
    return std::nullopt;
  }
  return used.tv_sec * kSecond + used.tv_nsec;
}

}  // namespace perfrig
