#include "server/stop_requests.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace perfrig {
namespace {

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// True once nobody holds the other end. What the owner sends is thrown away.
bool OwnerIsGone(int fd) {
  char bytes[256];
  const ssize_t got = read(fd, bytes, sizeof(bytes));
  return got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN);
}

}  // namespace

absl::StatusOr<StopRequests> StopRequests::Create(int owner_fd) {
  if (owner_fd >= 0 && fcntl(owner_fd, F_GETFD) < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--exit-with-fd must be an open file descriptor, got ", owner_fd));
  }
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const int fd = signalfd(-1, &signals, SFD_CLOEXEC);
  if (fd < 0) return absl::ErrnoToStatus(errno, "signalfd");
  return StopRequests(fd, owner_fd);
}

StopRequests::StopRequests(StopRequests&& other) noexcept
    : signal_fd_(std::exchange(other.signal_fd_, -1)),
      owner_fd_(std::exchange(other.owner_fd_, -1)) {}

StopRequests::~StopRequests() {
  if (signal_fd_ >= 0) close(signal_fd_);
}

StopRequests::Reason StopRequests::Wait() {
  for (;;) {
    // poll passes over negative descriptors.
    pollfd fds[] = {{signal_fd_, POLLIN, 0}, {owner_fd_, POLLIN, 0}};
    if (poll(fds, 2, -1) < 0) continue;
    signalfd_siginfo signal;
    if (fds[0].revents != 0 &&
        read(signal_fd_, &signal, sizeof(signal)) == sizeof(signal)) {
      return Reason::kSignal;
    }
    if (fds[1].revents != 0 && OwnerIsGone(owner_fd_)) {
      return Reason::kOwnerGone;
    }
  }
}

void StopRequests::EndAtOnce() {
  const sigset_t signals = StopSignals();
  std::signal(SIGTERM, SIG_DFL);
  std::signal(SIGINT, SIG_DFL);
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

}  // namespace perfrig
