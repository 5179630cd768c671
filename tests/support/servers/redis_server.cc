#include "tests/support/servers/redis_server.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <sstream>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace perfrig {
namespace {

constexpr int kStartSeconds = 60;

bool IsInstalled() {
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((folder + "/redis-server").c_str(), X_OK) == 0) return true;
  }
  return false;
}

bool Listens(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const bool listens =
      connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return listens;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RedisServer>> RedisServer::Create(
    std::string password) {
  if (!IsInstalled()) {
    return absl::NotFoundError(
        "NO redis-server ON THE PATH: scripts/setup test installs it");
  }
  std::unique_ptr<RedisServer> server(new RedisServer(std::move(password)));
  RETURN_IF_ERROR(server->Start());
  return server;
}

absl::Status RedisServer::Start() {
  std::vector<std::string> command = {
      "redis-server", "--port",     "0",      "--unixsocket", socket(),
      "--save",       "",           "--dir",  folder_.path(), "--appendonly",
      "no",           "--loglevel", "warning"};
  if (!password_.empty()) {
    command.insert(command.end(), {"--requirepass", password_});
  }
  const std::string log = folder_.path() + "/server.log";
  ASSIGN_OR_RETURN(server_, Child::Start(std::move(command), log));
  // The socket is there before anybody listens to it.
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(kStartSeconds);
  while (!Listens(socket())) {
    if (!server_->Runs() || std::chrono::steady_clock::now() > deadline) {
      return absl::UnavailableError(
          absl::StrCat("redis-server: ", ReadText(log)));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return absl::OkStatus();
}

void RedisServer::Stop() {
  if (server_ == nullptr) return;
  GoOn();
  server_ = nullptr;
}

}  // namespace perfrig
