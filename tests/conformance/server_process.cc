#include "tests/conformance/server_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace perfrig {
namespace {

constexpr int kStartMilliseconds = 30'000;
constexpr std::string_view kPort = "port ";

// Reads up to the first newline; empty if none came in time.
std::string ReadLine(int fd) {
  std::string line;
  pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
  while (poll(&wait, 1, kStartMilliseconds) == 1) {
    char byte = 0;
    if (read(fd, &byte, 1) != 1) break;
    if (byte == '\n') return line;
    line += byte;
  }
  return {};
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::Start(
    const std::string& path) {
  std::array<int, 2> input{};
  std::array<int, 2> output{};
  if (pipe2(input.data(), O_CLOEXEC) != 0 ||
      pipe2(output.data(), O_CLOEXEC) != 0) {
    return absl::InternalError(absl::StrCat("pipe: ", std::strerror(errno)));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  std::string name = path;
  std::array<char*, 2> arguments{name.data(), nullptr};
  pid_t pid = 0;
  const int error = posix_spawn(&pid, path.c_str(), &actions, nullptr,
                                arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(input[0]);
  close(output[1]);
  if (error != 0) {
    close(input[1]);
    close(output[0]);
    return absl::UnavailableError(
        absl::StrCat(path, ": ", std::strerror(error)));
  }
  std::unique_ptr<ServerProcess> server(new ServerProcess(pid, input[1]));
  const std::string line = ReadLine(output[0]);
  close(output[0]);
  if (!std::string_view(line).starts_with(kPort)) {
    return absl::UnavailableError(
        absl::StrCat(path, ": said no port, but \"", line, "\""));
  }
  server->address_ = absl::StrCat("127.0.0.1:", line.substr(kPort.size()));
  return server;
}

ServerProcess::~ServerProcess() {
  close(input_);
  int status = 0;
  waitpid(pid_, &status, 0);
}

}  // namespace perfrig
