// perfrigd: flags, then the daemon, until somebody ends it.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/time/clock.h"
#include "server/command_line.h"
#include "server/daemon.h"
#include "server/logging.h"
#include "server/stop_requests.h"
#include "server/version.h"

namespace perfrig {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

int Complain(const absl::Status& status, int code) {
  std::fprintf(stderr, "perfrigd: %s\n", std::string(status.message()).c_str());
  return code;
}

// Before anything is served that nobody would hear of.
absl::Status CheckReadyFd(int fd) {
  if (fd < 0 || fcntl(fd, F_GETFD) >= 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--ready-fd must be an open file descriptor, got ", fd));
}

// Tells the one who started the daemon where it serves.
absl::Status Announce(int fd, const Daemon& daemon) {
  if (fd < 0) return absl::OkStatus();
  const std::string line = absl::StrCat(
      "control=", daemon.control_address(), " http=", daemon.http_address(),
      " target=", daemon.target_address(), "\n");
  const bool written =
      write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  close(fd);
  if (written) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("--ready-fd ", fd, ": cannot write the addresses"));
}

// As many files as the system lets this process open: each connection is one.
void RaiseFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int Serve(const Config& config, StopRequests stop) {
  SystemClock clock;
  auto daemon = Daemon::Start(clock, config);
  if (!daemon.ok()) {
    return Complain(daemon.status(), absl::IsInvalidArgument(daemon.status())
                                         ? kUsage
                                         : kFailed);
  }
  LogInfo("serving", {{"version", kVersion},
                      {"control", (*daemon)->control_address()},
                      {"http", (*daemon)->http_address()},
                      {"target", (*daemon)->target_address()}});
  const absl::Status announced = Announce(config.ready_fd, **daemon);
  if (!announced.ok()) return Complain(announced, kFailed);

  const StopRequests::Reason reason = stop.Wait();
  stop.EndAtOnce();
  const bool abandoned = reason == StopRequests::Reason::kOwnerGone;
  const absl::Duration timeout =
      abandoned ? absl::ZeroDuration() : config.drain_timeout;
  LogInfo("draining", {{"reason", abandoned ? "owner gone" : "signal"},
                       {"timeout", absl::FormatDuration(timeout)}});
  (*daemon)->Drain(timeout);
  daemon->reset();
  LogInfo("stopped");
  return EXIT_SUCCESS;
}

int Main(int argc, char** argv) {
  const auto command = ReadCommandLine(
      argc, argv, [](const char* name) { return std::getenv(name); });
  if (!command.ok()) return Complain(command.status(), kUsage);
  if (const std::optional<std::string>& text = command->text) {
    std::fputs(text->c_str(), stdout);
    return EXIT_SUCCESS;
  }
  SetUpLogging(command->config.log_level, command->config.log_format);
  std::signal(SIGPIPE, SIG_IGN);
  RaiseFileLimit();
  const absl::Status ready = CheckReadyFd(command->config.ready_fd);
  if (!ready.ok()) return Complain(ready, kUsage);
  auto stop = StopRequests::Create(command->config.exit_with_fd);
  if (!stop.ok()) return Complain(stop.status(), kUsage);
  return Serve(command->config, *std::move(stop));
}

}  // namespace
}  // namespace perfrig

int main(int argc, char** argv) { return perfrig::Main(argc, argv); }
