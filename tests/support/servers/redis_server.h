// A real redis-server that keeps nothing on disk, on a Unix socket in a
// temporary folder.
#ifndef PERFRIG_TESTS_SUPPORT_SERVERS_REDIS_SERVER_H_
#define PERFRIG_TESTS_SUPPORT_SERVERS_REDIS_SERVER_H_

#include <csignal>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/support/servers/child.h"

namespace perfrig {

class RedisServer {
 public:
  // NOT_FOUND where no redis-server is on the PATH. `password`: none if empty.
  static absl::StatusOr<std::unique_ptr<RedisServer>> Create(
      std::string password = "");
  ~RedisServer() { Stop(); }

  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  // What it has is lost. Create has started it.
  void Stop();
  absl::Status Start();
  // It keeps its connections and answers nothing, until it goes on.
  void Freeze() const { server_->Signal(SIGSTOP); }
  void GoOn() const { server_->Signal(SIGCONT); }

  // The path of the socket.
  [[nodiscard]] std::string socket() const {
    return folder_.path() + "/socket";
  }

 private:
  explicit RedisServer(std::string password) : password_(std::move(password)) {}

  const std::string password_;
  TemporaryFolder folder_;
  std::unique_ptr<Child> server_;
};

}  // namespace perfrig

#endif  // PERFRIG_TESTS_SUPPORT_SERVERS_REDIS_SERVER_H_
