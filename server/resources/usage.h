// What processes take of their machine, as /proc tells.
#ifndef PERFRIG_SERVER_RESOURCES_USAGE_H_
#define PERFRIG_SERVER_RESOURCES_USAGE_H_

#include <sys/types.h>

#include <optional>
#include <vector>

#include "common/time/clock.h"

namespace perfrig::resources {

struct Usage {
  // Resident bytes.
  double memory = 0;
  // CPU time since the start.
  Nanos cpu = 0;
  // Bytes since the start that came from a disk, or will go there; nothing
  // where the kernel does not tell.
  std::optional<double> disk_read = 0;
  std::optional<double> disk_written = 0;
  // Open file descriptors.
  double files = 0;
  double threads = 0;
};

// Nothing where there is no such process, or it is not ours to look at.
std::optional<Usage> UsageOf(pid_t process);

// Of all of them together that are there.
std::optional<Usage> UsageOf(const std::vector<pid_t>& processes);

}  // namespace perfrig::resources

#endif  // PERFRIG_SERVER_RESOURCES_USAGE_H_
