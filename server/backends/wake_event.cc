#include "server/backends/wake_event.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace perfrig::backends {

WakeEvent::WakeEvent() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  // Without a file descriptor left no back end could connect either.
  if (fd_ < 0) std::abort();
}

WakeEvent::~WakeEvent() { close(fd_); }

void WakeEvent::Set() {
  const std::uint64_t one = 1;
  // Fails only where it is set a great many times over.
  [[maybe_unused]] const auto written = write(fd_, &one, sizeof one);
}

void WakeEvent::Clear() {
  std::uint64_t times = 0;
  [[maybe_unused]] const auto was_set = read(fd_, &times, sizeof times);
}

}  // namespace perfrig::backends
