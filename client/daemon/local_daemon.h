// A daemon of one's own, for as long as a command lasts.
#ifndef PERFRIG_CLIENT_DAEMON_LOCAL_DAEMON_H_
#define PERFRIG_CLIENT_DAEMON_LOCAL_DAEMON_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/daemon/file_descriptor.h"

namespace perfrig {

// Where perfrigd is: $PERFRIGD, beside this program, or in $PATH.
absl::StatusOr<std::string> FindDaemon();

// The value of `key` in "control=127.0.0.1:4711 http=… target=…"; empty if it
// is not there.
[[nodiscard]] std::string ReadyField(std::string_view line,
                                     std::string_view key);

class LocalDaemon {
 public:
  // Starts `program` on free ports of the loopback interface, with `flags`
  // after those that this needs, and waits until it serves. If it does not
  // within `patience`, the error holds the end of its log.
  static absl::StatusOr<std::unique_ptr<LocalDaemon>> Start(
      const std::string& program, const std::vector<std::string>& flags,
      absl::Duration patience);
  // Ends it and waits for its exit; kills it if that takes more than 15 s.
  ~LocalDaemon();

  LocalDaemon(const LocalDaemon&) = delete;
  LocalDaemon& operator=(const LocalDaemon&) = delete;

  // "127.0.0.1:port".
  [[nodiscard]] const std::string& control_address() const { return control_; }

 private:
  LocalDaemon() = default;

  absl::Status Spawn(const std::string& program,
                     const std::vector<std::string>& flags);
  absl::Status WaitUntilReady(absl::Duration patience);
  // True if the process has exited, at once or within `patience`.
  bool WaitForExit(absl::Duration patience);
  [[nodiscard]] std::string LogTail() const;

  pid_t pid_ = -1;
  // Readable once the process has exited.
  FileDescriptor process_;
  // The daemon exits when this closes, however this process ends.
  FileDescriptor exit_;
  FileDescriptor ready_;
  // What the daemon writes; has no name any more.
  FileDescriptor log_;
  std::string control_;
};

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_DAEMON_LOCAL_DAEMON_H_
