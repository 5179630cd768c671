// Who may end the process: SIGTERM, SIGINT, or the one that holds the other
// end of a file descriptor.
#ifndef PERFRIG_SERVER_STOP_REQUESTS_H_
#define PERFRIG_SERVER_STOP_REQUESTS_H_

#include <string>

#include "absl/status/statusor.h"

namespace perfrig {

// One for a process; made before its first thread, because it takes the
// signals away from all of them.
class StopRequests {
 public:
  enum class Reason { kSignal, kOwnerGone };

  // `owner_fd` may be −1. INVALID_ARGUMENT where it is not open.
  static absl::StatusOr<StopRequests> Create(int owner_fd);
  StopRequests(StopRequests&& other) noexcept;
  StopRequests& operator=(StopRequests&&) = delete;
  ~StopRequests();

  // Blocks until the first request.
  Reason Wait();
  // From now on a signal ends the process at once.
  void EndAtOnce();

 private:
  StopRequests(int signal_fd, int owner_fd)
      : signal_fd_(signal_fd), owner_fd_(owner_fd) {}

  int signal_fd_;
  int owner_fd_;
};

}  // namespace perfrig

#endif  // PERFRIG_SERVER_STOP_REQUESTS_H_
