// Ctrl-C, termination and terminal resizes as something to poll.
#ifndef PERFRIG_CLIENT_DAEMON_SIGNALS_H_
#define PERFRIG_CLIENT_DAEMON_SIGNALS_H_

#include <optional>

#include "common/process/file_descriptor.h"

namespace perfrig {

class Signals {
 public:
  // From now on SIGINT, SIGTERM and SIGWINCH reach this process only through
  // the result. Call it before any other thread is started.
  static Signals Catch();

  // Reads `signalfd_siginfo` records from `source`, which does not block.
  explicit Signals(FileDescriptor source) : source_(std::move(source)) {}

  [[nodiscard]] int fd() const { return source_.get(); }
  // Number of the next signal that came; none if there is none.
  std::optional<int> Take();

 private:
  FileDescriptor source_;
};

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_DAEMON_SIGNALS_H_
