#include "common/process/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/macros.h"

namespace perfrig {
namespace {

// Above the child's numbers, so that moving one there never overwrites
// another.
constexpr int kFirstFd = 10;
// How soon a request to stop is seen.
constexpr absl::Duration kLook = absl::Milliseconds(50);

absl::Status Failed(const char* what) {
  return absl::InternalError(absl::StrCat(what, ": ", std::strerror(errno)));
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

struct Talk {
  FileDescriptor ours;
  FileDescriptor childs;
};

absl::StatusOr<Talk> MakeTalk() {
  std::array<int, 2> ends = {};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return Failed("socketpair");
  }
  FileDescriptor ours(ends[0]);
  FileDescriptor childs(ends[1]);
  Talk talk;
  ASSIGN_OR_RETURN(talk.ours, MovedUp(std::move(ours)));
  ASSIGN_OR_RETURN(talk.childs, MovedUp(std::move(childs)));
  return talk;
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

  // A process group of its own: the terminal's Ctrl-C is for the owner, which
  // ends its children in its own time. And no blocked signals.
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

// As exec wants them: pointers into `words`, then null.
std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

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

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(
    Command command) {
  std::unique_ptr<ChildProcess> child(new ChildProcess());
  ASSIGN_OR_RETURN(Pipe ready, MakePipe());
  ASSIGN_OR_RETURN(Pipe exit, MakePipe());
  ASSIGN_OR_RETURN(Talk talk, MakeTalk());
  ASSIGN_OR_RETURN(child->log_, MakeLog());
  std::vector<std::string> words = {command.program};
  words.insert(words.end(), command.arguments.begin(), command.arguments.end());

  SpawnPlan plan;
  plan.Detach();
  posix_spawn_file_actions_addopen(&plan.actions, STDIN_FILENO, "/dev/null",
                                   O_RDONLY, 0);
  for (const auto& [from, to] : {std::pair(child->log_.get(), STDOUT_FILENO),
                                 {child->log_.get(), STDERR_FILENO},
                                 {ready.write.get(), kReadyFd},
                                 {exit.read.get(), kExitFd},
                                 {talk.childs.get(), kAskFd}}) {
    posix_spawn_file_actions_adddup2(&plan.actions, from, to);
  }
  // Not every library closes its files when a program begins; a port that the
  // child kept open would outlive its owner.
  posix_spawn_file_actions_addclosefrom_np(&plan.actions, kAskFd + 1);
  const int error = posix_spawn(
      &child->id_, command.program.c_str(), &plan.actions, &plan.attributes,
      Pointers(words).data(), Pointers(command.environment).data());
  if (error != 0) {
    child->id_ = -1;
    return absl::InternalError(absl::StrCat("cannot start ", command.program,
                                            ": ", std::strerror(error)));
  }
  child->process_ =
      FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, child->id_, 0)));
  child->exit_ = std::move(exit.write);
  child->ready_ = std::move(ready.read);
  child->ask_ = std::move(talk.ours);
  return child;
}

absl::StatusOr<std::string> ChildProcess::WaitUntilReady(
    absl::Duration patience, const std::stop_token& stop) {
  std::string line;
  std::array<char, 512> buffer = {};
  while (line.find('\n') == std::string::npos) {
    if (stop.stop_requested()) return absl::CancelledError("cancelled");
    const absl::Duration wait = std::min(kLook, patience);
    pollfd ready = {ready_.get(), POLLIN, 0};
    const int events =
        poll(&ready, 1, static_cast<int>(absl::ToInt64Milliseconds(wait)));
    if (events < 0 && errno == EINTR) continue;
    patience -= wait;
    if (events == 0 && patience > absl::ZeroDuration()) continue;
    const ssize_t bytes =
        events > 0 ? read(ready_.get(), buffer.data(), buffer.size()) : 0;
    if (bytes <= 0) {
      return absl::UnavailableError(absl::StrCat(
          events == 0 ? "does not become ready" : "ended as it started",
          "; its log ends with:\n", LogTail()));
    }
    line.append(buffer.data(), static_cast<std::size_t>(bytes));
  }
  return line;
}

absl::StatusOr<std::vector<std::string>> ChildProcess::Ask(
    std::string_view request, absl::Duration patience) {
  const std::string line = absl::StrCat(std::string(request), "\n");
  // No signal where the child has gone.
  const ssize_t sent = send(ask_.get(), line.data(), line.size(), MSG_NOSIGNAL);
  std::string answer;
  std::array<char, 4096> buffer = {};
  while (sent == static_cast<ssize_t>(line.size())) {
    if (answer == "\n") return std::vector<std::string>();
    if (absl::EndsWith(answer, "\n\n")) {
      answer.resize(answer.size() - 2);
      return absl::StrSplit(answer, '\n');
    }
    pollfd wait = {ask_.get(), POLLIN, 0};
    const int events =
        poll(&wait, 1, static_cast<int>(absl::ToInt64Milliseconds(patience)));
    if (events < 0 && errno == EINTR) continue;
    const ssize_t bytes =
        events > 0 ? read(ask_.get(), buffer.data(), buffer.size()) : 0;
    if (bytes <= 0) break;
    answer.append(buffer.data(), static_cast<std::size_t>(bytes));
  }
  return absl::UnavailableError(
      absl::StrCat("does not answer \"", std::string(request),
                   "\"; its log ends with:\n", LogTail()));
}

bool ChildProcess::Runs() const { return !WaitForExit(absl::ZeroDuration()); }

bool ChildProcess::WaitForExit(absl::Duration patience) const {
  pollfd wait = {process_.get(), POLLIN, 0};
  const int events =
      poll(&wait, 1, static_cast<int>(absl::ToInt64Milliseconds(patience)));
  return events > 0;
}

ChildProcess::~ChildProcess() {
  if (id_ < 0) return;
  AskToEnd();
  if (!WaitForExit(absl::Seconds(15))) kill(id_, SIGKILL);
  waitpid(id_, nullptr, 0);
}

std::string ChildProcess::LogTail() const {
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
