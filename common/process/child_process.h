// A process that tells when it is ready, and that ends when its owner does,
// however that comes about.
#ifndef PERFRIG_COMMON_PROCESS_CHILD_PROCESS_H_
#define PERFRIG_COMMON_PROCESS_CHILD_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/process/file_descriptor.h"

namespace perfrig {

// The value of `key` in "control=127.0.0.1:4711 http=… target=…"; empty if it
// is not there.
[[nodiscard]] std::string ReadyField(std::string_view line,
                                     std::string_view key);

class ChildProcess {
 public:
  // File descriptors of the child: it writes one line to the first once it is
  // ready, exits when the other end of the second is closed, and may read
  // requests from the third and answer them there (see Ask). Its arguments
  // have to tell it.
  static constexpr int kReadyFd = 3;
  static constexpr int kExitFd = 4;
  static constexpr int kAskFd = 5;

  struct Command {
    // A path.
    std::string program;
    std::vector<std::string> arguments;
    // "NAME=value"; what the child knows of the environment.
    std::vector<std::string> environment;
  };

  // Starts it in a process group of its own, with no file of ours open. What it
  // writes goes to a file without a name.
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(Command command);
  // Asks it to end and waits for its exit; kills it if that takes more than
  // 15 s.
  ~ChildProcess();

  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // The line that it writes, once. UNAVAILABLE with the end of its log if that
  // takes longer than `patience` or it exits instead, CANCELLED soon after
  // `stop` is requested.
  absl::StatusOr<std::string> WaitUntilReady(absl::Duration patience,
                                             const std::stop_token& stop = {});

  // Sends one line and waits for the lines of its answer, which an empty one
  // ends. UNAVAILABLE if that takes longer than `patience` or the child has
  // exited.
  absl::StatusOr<std::vector<std::string>> Ask(std::string_view request,
                                               absl::Duration patience);

  [[nodiscard]] pid_t id() const { return id_; }
  // False once it has exited.
  [[nodiscard]] bool Runs() const;
  // The last lines that it wrote.
  [[nodiscard]] std::string LogTail() const;
  // It exits soon after.
  void AskToEnd() { exit_.Close(); }

 private:
  ChildProcess() = default;

  // True if it has exited, at once or within `patience`.
  [[nodiscard]] bool WaitForExit(absl::Duration patience) const;

  pid_t id_ = -1;
  // Readable once the process has exited.
  FileDescriptor process_;
  // The child exits when this closes, even if nobody is left to close it.
  FileDescriptor exit_;
  FileDescriptor ready_;
  FileDescriptor ask_;
  FileDescriptor log_;
};

}  // namespace perfrig

#endif  // PERFRIG_COMMON_PROCESS_CHILD_PROCESS_H_
