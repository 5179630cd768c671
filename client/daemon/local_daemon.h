// A daemon of one's own, for as long as a command lasts.
#ifndef PERFRIG_CLIENT_DAEMON_LOCAL_DAEMON_H_
#define PERFRIG_CLIENT_DAEMON_LOCAL_DAEMON_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/process/child_process.h"

namespace perfrig {

// Where perfrigd is: $PERFRIGD, beside this program, or in $PATH.
absl::StatusOr<std::string> FindDaemon();

// Ends with this object, and with the process that holds it.
class LocalDaemon {
 public:
  // Starts `program` on free ports of the loopback interface, with `flags`
  // after those that this needs, and waits until it serves. If it does not
  // within `patience`, the error holds the end of its log.
  static absl::StatusOr<std::unique_ptr<LocalDaemon>> Start(
      const std::string& program, const std::vector<std::string>& flags,
      absl::Duration patience);

  // "127.0.0.1:port".
  [[nodiscard]] const std::string& control_address() const { return control_; }

 private:
  LocalDaemon(std::unique_ptr<ChildProcess> process, std::string control)
      : process_(std::move(process)), control_(std::move(control)) {}

  const std::unique_ptr<ChildProcess> process_;
  const std::string control_;
};

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_DAEMON_LOCAL_DAEMON_H_
