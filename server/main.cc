// perfrigd: flags, then the daemon, until somebody ends it.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "common/time/clock.h"
#include "server/command_line.h"
#include "server/daemon.h"
#include "server/hosted_targets.h"
#include "server/logging.h"
#include "server/profile_requests.h"
#include "server/stop_requests.h"
#include "server/version.h"

namespace perfrig {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;
// Of an end that nobody waits for, in seconds.
constexpr unsigned kLongestEnd = 15;

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

// What serves until somebody ends it.
struct Served {
  // By what is served there: "control", "http", "target".
  std::vector<std::pair<std::string, std::string>> addresses;
  // Gives what is at work up to a time, and ends.
  std::function<void(absl::Duration)> end;
};

absl::StatusOr<Served> StartDaemon(Clock& clock, const Config& config) {
  ASSIGN_OR_RETURN(std::shared_ptr<Daemon> daemon,
                   Daemon::Start(clock, config));
  LogInfo("serving", {{"version", kVersion},
                      {"control", daemon->control_address()},
                      {"http", daemon->http_address()},
                      {"target", daemon->target_address()}});
  return Served{{{"control", daemon->control_address()},
                 {"http", daemon->http_address()},
                 {"target", daemon->target_address()}},
                [daemon](absl::Duration timeout) { daemon->Drain(timeout); }};
}

absl::StatusOr<Served> StartTargets(Clock& clock, const Config& config) {
  ASSIGN_OR_RETURN(std::shared_ptr<HostedTargets> targets,
                   HostedTargets::Start(clock, config));
  LogInfo("serving",
          {{"version", kVersion}, {"target", targets->address().ToString()}});
  std::shared_ptr<ProfileRequests> requests;
  if (config.ask_fd >= 0) {
    requests = std::make_shared<ProfileRequests>(clock, config.ask_fd);
  }
  return Served{{{"target", targets->address().ToString()}},
                [targets, requests, &clock](absl::Duration timeout) {
                  targets->AnnounceEnd();
                  targets->Shutdown(clock.WallTime() + timeout);
                }};
}

// Tells the one who started the process where it serves.
absl::Status Announce(int fd, const Served& served) {
  if (fd < 0) return absl::OkStatus();
  const std::string line = absl::StrCat(
      absl::StrJoin(served.addresses, " ", absl::PairFormatter("=")), "\n");
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
  auto served = config.targets_only ? StartTargets(clock, config)
                                    : StartDaemon(clock, config);
  if (!served.ok()) {
    return Complain(served.status(), absl::IsInvalidArgument(served.status())
                                         ? kUsage
                                         : kFailed);
  }
  const absl::Status announced = Announce(config.ready_fd, *served);
  if (!announced.ok()) return Complain(announced, kFailed);

  const StopRequests::Reason reason = stop.Wait();
  stop.EndAtOnce();
  const bool abandoned = reason == StopRequests::Reason::kOwnerGone;
  const absl::Duration timeout =
      abandoned ? absl::ZeroDuration() : config.drain_timeout;
  LogInfo("draining", {{"reason", abandoned ? "owner gone" : "signal"},
                       {"timeout", absl::FormatDuration(timeout)}});
  // Nobody is left to end what does not end by itself.
  if (abandoned) alarm(kLongestEnd);
  served->end(timeout);
  // With it goes what serves.
  *served = {};
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
