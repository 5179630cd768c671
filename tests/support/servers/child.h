// A process that a test starts and that ends with it, even if that crashes.
#ifndef PERFRIG_TESTS_SUPPORT_SERVERS_CHILD_H_
#define PERFRIG_TESTS_SUPPORT_SERVERS_CHILD_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace perfrig {

class Child {
 public:
  // Its standard output and error are appended to the file `log`. `user`: who
  // it runs as where we are root; empty: as we do. Must be called on the
  // thread that lives longest: the child is killed when that one ends.
  static absl::StatusOr<std::unique_ptr<Child>> Start(
      std::vector<std::string> command, const std::string& log,
      const std::string& user = "");

  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  // Sends SIGTERM, if it still runs, and waits for it.
  ~Child();

  void Signal(int signal) const;
  // Its exit code, or minus the signal that ended it.
  int Wait();
  [[nodiscard]] bool Runs();

 private:
  explicit Child(pid_t pid) : pid_(pid) {}

  pid_t pid_;
  bool ended_ = false;
  int result_ = 0;
};

// A folder that goes with the test.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();

  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A port on 127.0.0.1 that nobody listens at.
int FreePort();

// What the file holds.
std::string ReadText(const std::string& path);

}  // namespace perfrig

#endif  // PERFRIG_TESTS_SUPPORT_SERVERS_CHILD_H_
