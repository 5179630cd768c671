#include "client/daemon/local_daemon.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/macros.h"

namespace perfrig {
namespace {

// Numbers of the pipe ends in the daemon; its flags name them.
constexpr int kReadyFd = 3;
constexpr int kExitFd = 4;
// Above both, so that moving one there never overwrites the other.
constexpr int kFirstFd = 10;

absl::Status Failed(const char* what) {
  return absl::InternalError(absl::StrCat(what, ": ", std::strerror(errno)));
}

bool IsProgram(const std::string& path) {
  return access(path.c_str(), X_OK) == 0;
}

struct Pipe {
  FileDescriptor read;
  FileDescriptor write;
};

absl::StatusOr<FileDescriptor> MovedUp(FileDescriptor low) {
  FileDescriptor high(fcntl(low.get(), F_DUPFD_CLOEXEC, kFirstFd));
  if (!high.valid()) return Failed("fcntl");
  return high;
}

absl::StatusOr<Pipe> MakePipe() {
  std::array<int, 2> ends = {};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return Failed("pipe2");
  FileDescriptor read(ends[0]);
  FileDescriptor write(ends[1]);
  Pipe pipe;
  ASSIGN_OR_RETURN(pipe.read, MovedUp(std::move(read)));
  ASSIGN_OR_RETURN(pipe.write, MovedUp(std::move(write)));
  return pipe;
}

absl::StatusOr<FileDescriptor> MakeLog() {
  const char* folder = std::getenv("TMPDIR");
  std::string path =
      absl::StrCat(folder == nullptr ? "/tmp" : folder, "/perfrigd-XXXXXX");
  FileDescriptor file(mkostemp(path.data(), O_CLOEXEC | O_APPEND));
  if (!file.valid()) return Failed(path.c_str());
  unlink(path.c_str());
  return MovedUp(std::move(file));
}

// posix_spawn's attributes and actions, freed at the end.
class SpawnPlan {
 public:
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  // A process group of its own: the terminal's Ctrl-C is for this program,
  // which cancels the run first. And no blocked signals.
  void Detach() {
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  }

  posix_spawn_file_actions_t actions = {};
  posix_spawnattr_t attributes = {};
};

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

std::string ReadyField(std::string_view line, std::string_view key) {
  const std::string prefix = absl::StrCat(std::string(key), "=");
  const std::vector<std::string> fields =
      absl::StrSplit(std::string(line), absl::ByAnyChar(" \n"));
  for (const std::string& field : fields) {
    if (field.compare(0, prefix.size(), prefix) == 0) {
      return field.substr(prefix.size());
    }
  }
  return "";
}

absl::StatusOr<std::unique_ptr<LocalDaemon>> LocalDaemon::Start(
    const std::string& program, const std::vector<std::string>& flags,
    absl::Duration patience) {
  std::unique_ptr<LocalDaemon> daemon(new LocalDaemon());
  RETURN_IF_ERROR(daemon->Spawn(program, flags));
  RETURN_IF_ERROR(daemon->WaitUntilReady(patience));
  return daemon;
}

absl::Status LocalDaemon::Spawn(const std::string& program,
                                const std::vector<std::string>& flags) {
  ASSIGN_OR_RETURN(Pipe ready, MakePipe());
  ASSIGN_OR_RETURN(Pipe exit, MakePipe());
  ASSIGN_OR_RETURN(log_, MakeLog());
  std::vector<std::string> words = {
      program,          "--control-address",    "127.0.0.1:0",
      "--http-address", "127.0.0.1:0",          "--target-address",
      "127.0.0.1:0",    "--ready-fd",           std::to_string(kReadyFd),
      "--exit-with-fd", std::to_string(kExitFd)};
  words.insert(words.end(), flags.begin(), flags.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  SpawnPlan plan;
  plan.Detach();
  posix_spawn_file_actions_addopen(&plan.actions, STDIN_FILENO, "/dev/null",
                                   O_RDONLY, 0);
  for (const auto& [from, to] : {std::pair(log_.get(), STDOUT_FILENO),
                                 {log_.get(), STDERR_FILENO},
                                 {ready.write.get(), kReadyFd},
                                 {exit.read.get(), kExitFd}}) {
    posix_spawn_file_actions_adddup2(&plan.actions, from, to);
  }
  const int error = posix_spawn(&pid_, program.c_str(), &plan.actions,
                                &plan.attributes, arguments.data(), environ);
  if (error != 0) {
    pid_ = -1;
    return absl::InternalError(
        absl::StrCat("cannot start ", program, ": ", std::strerror(error)));
  }
  process_ = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  exit_ = std::move(exit.write);
  ready_ = std::move(ready.read);
  return absl::OkStatus();
}

absl::Status LocalDaemon::WaitUntilReady(absl::Duration patience) {
  std::string line;
  std::array<char, 512> buffer = {};
  while (line.find('\n') == std::string::npos) {
    pollfd wait = {ready_.get(), POLLIN, 0};
    const int events =
        poll(&wait, 1, static_cast<int>(absl::ToInt64Milliseconds(patience)));
    if (events < 0 && errno == EINTR) continue;
    const ssize_t bytes =
        events > 0 ? read(ready_.get(), buffer.data(), buffer.size()) : 0;
    if (bytes <= 0) {
      return absl::UnavailableError(
          absl::StrCat(events == 0 ? "the local daemon does not become ready"
                                   : "the local daemon ended as it started",
                       "; its log ends with:\n", LogTail()));
    }
    line.append(buffer.data(), static_cast<std::size_t>(bytes));
  }
  control_ = ReadyField(line, "control");
  if (!control_.empty()) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("the local daemon does not say where it serves: ", line));
}

bool LocalDaemon::WaitForExit(absl::Duration patience) {
  pollfd wait = {process_.get(), POLLIN, 0};
  const int events =
      poll(&wait, 1, static_cast<int>(absl::ToInt64Milliseconds(patience)));
  return events > 0;
}

LocalDaemon::~LocalDaemon() {
  if (pid_ < 0) return;
  exit_.Close();
  if (!WaitForExit(absl::Seconds(15))) kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

std::string LocalDaemon::LogTail() const {
  constexpr off_t kBytes = 2000;
  const off_t size = lseek(log_.get(), 0, SEEK_END);
  const off_t from = size > kBytes ? size - kBytes : 0;
  std::string text(static_cast<std::size_t>(size - from), '\0');
  const ssize_t bytes = pread(log_.get(), text.data(), text.size(), from);
  text.resize(bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
  // Whole lines only.
  if (from > 0) text.erase(0, text.find('\n') + 1);
  return text.empty() ? "(nothing)" : text;
}

}  // namespace perfrig
