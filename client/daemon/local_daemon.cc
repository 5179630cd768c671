#include "client/daemon/local_daemon.h"

#include <unistd.h>

#include <array>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/macros.h"

namespace perfrig {
namespace {

bool IsProgram(const std::string& path) {
  return access(path.c_str(), X_OK) == 0;
}

std::vector<std::string> Environment() {
  std::vector<std::string> entries;
  for (char** each = environ; *each != nullptr; ++each) {
    entries.emplace_back(*each);
  }
  return entries;
}

}  // namespace

absl::StatusOr<std::string> FindDaemon() {
  if (const char* named = std::getenv("PERFRIGD"); named != nullptr) {
    if (IsProgram(named)) return std::string(named);
    return absl::NotFoundError(
        absl::StrCat("PERFRIGD names ", named, ", which is not a program"));
  }
  std::array<char, 4096> self = {};
  const ssize_t length =
      readlink("/proc/self/exe", self.data(), self.size() - 1);
  if (length > 0) {
    const std::string path(self.data(), static_cast<std::size_t>(length));
    const std::string beside =
        absl::StrCat(path.substr(0, path.rfind('/')), "/perfrigd");
    if (IsProgram(beside)) return beside;
  }
  const char* folders = std::getenv("PATH");
  const std::vector<std::string> searched =
      absl::StrSplit(folders == nullptr ? "" : folders, ':');
  for (const std::string& folder : searched) {
    const std::string path = absl::StrCat(folder, "/perfrigd");
    if (IsProgram(path)) return path;
  }
  return absl::NotFoundError(
      "perfrigd is neither beside perfrig nor in PATH; PERFRIGD may name it");
}

absl::StatusOr<std::unique_ptr<LocalDaemon>> LocalDaemon::Start(
    const std::string& program, const std::vector<std::string>& flags,
    absl::Duration patience) {
  ChildProcess::Command command = {
      program,
      {"--control-address", "127.0.0.1:0", "--http-address", "127.0.0.1:0",
       "--target-address", "127.0.0.1:0", "--ready-fd",
       std::to_string(ChildProcess::kReadyFd), "--exit-with-fd",
       std::to_string(ChildProcess::kExitFd)},
      Environment()};
  command.arguments.insert(command.arguments.end(), flags.begin(), flags.end());
  ASSIGN_OR_RETURN(auto process, ChildProcess::Start(std::move(command)));
  const absl::StatusOr<std::string> line = process->WaitUntilReady(patience);
  if (!line.ok()) {
    return absl::Status(
        line.status().code(),
        absl::StrCat("the local daemon ", line.status().message()));
  }
  std::string control = ReadyField(*line, "control");
  if (control.empty()) {
    return absl::InternalError(
        absl::StrCat("the local daemon does not say where it serves: ", *line));
  }
  return std::unique_ptr<LocalDaemon>(
      new LocalDaemon(std::move(process), std::move(control)));
}

}  // namespace perfrig
