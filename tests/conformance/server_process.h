// A server in a process of its own, on a port that it chose.
//
//   ASSIGN_OR_RETURN(auto server, ServerProcess::Start("build/…/serve"));
//   Connect(server->address());
#ifndef PERFRIG_TESTS_CONFORMANCE_SERVER_PROCESS_H_
#define PERFRIG_TESTS_CONFORMANCE_SERVER_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace perfrig {

class ServerProcess {
 public:
  // Runs `path` and waits for its line "port N". The server ends when its
  // standard input does.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> Start(
      const std::string& path);

  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  // Ends the server and waits for it.
  ~ServerProcess();

  // "127.0.0.1:port"
  const std::string& address() const { return address_; }

 private:
  ServerProcess(pid_t pid, int input) : pid_(pid), input_(input) {}

  pid_t pid_;
  int input_;
  std::string address_;
};

}  // namespace perfrig

#endif  // PERFRIG_TESTS_CONFORMANCE_SERVER_PROCESS_H_
