#include "tests/unit/server/cache/redis_server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <utility>
#include <vector>

#include "common/time/clock.h"

namespace perfrig::cache {
namespace {

bool Listens(const std::string& path) {
  const int file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const bool listens = connect(file, reinterpret_cast<sockaddr*>(&address),
                               sizeof(address)) == 0;
  close(file);
  return listens;
}

}  // namespace

bool RedisServer::IsInstalled() {
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((folder + "/redis-server").c_str(), X_OK) == 0) return true;
  }
  return false;
}

RedisServer::RedisServer(std::string password)
    : password_(std::move(password)) {
  std::string folder = std::filesystem::temp_directory_path() / "redisXXXXXX";
  folder_ = mkdtemp(folder.data());
  Start();
}

RedisServer::~RedisServer() {
  Stop();
  std::filesystem::remove_all(folder_);
}

RedisAddress RedisServer::address() const {
  return {.host = folder_ + "/socket",
          .port = 0,
          .user = "",
          .password = password_};
}

void RedisServer::Start() {
  const std::string socket = address().host;
  std::vector<std::string> words = {
      "redis-server", "--port",     "0",      "--unixsocket", socket,
      "--save",       "",           "--dir",  folder_,        "--appendonly",
      "no",           "--loglevel", "warning"};
  if (!password_.empty()) {
    words.insert(words.end(), {"--requirepass", password_});
  }
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null",
                                   O_WRONLY, 0);
  const int error = posix_spawnp(&process_, "redis-server", &actions, nullptr,
                                 arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ASSERT_EQ(error, 0);
  // The socket is there before anybody listens to it.
  SystemClock clock;
  const Nanos stop = clock.Now() + 10 * kSecond;
  while (!Listens(socket) && clock.Now() < stop) {
    clock.SleepUntil(clock.Now() + 10 * kMillisecond);
  }
  ASSERT_TRUE(Listens(socket)) << "redis-server did not start";
}

void RedisServer::Stop() {
  if (process_ == 0) return;
  GoOn();
  kill(process_, SIGTERM);
  waitpid(process_, nullptr, 0);
  process_ = 0;
}

void RedisServer::Freeze() const { kill(process_, SIGSTOP); }
void RedisServer::GoOn() const { kill(process_, SIGCONT); }

}  // namespace perfrig::cache
