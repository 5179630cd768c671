#include "client/daemon/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

namespace perfrig {

Signals Signals::Catch() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGWINCH}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return Signals(
      FileDescriptor(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)));
}

std::optional<int> Signals::Take() {
  signalfd_siginfo record = {};
  if (read(source_.get(), &record, sizeof(record)) !=
      static_cast<ssize_t>(sizeof(record))) {
    return std::nullopt;
  }
  return static_cast<int>(record.ssi_signo);
}

}  // namespace perfrig
