#include "server/drivers/grpc/transport.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace perfrig::drivers {
namespace {

absl::Status Failure(int error) {
  return absl::UnavailableError(std::generic_category().message(error));
}

// Load leaves half of the process's files to everything else: to the other ends
// where it calls itself, and to its ports, since gRPC's listeners give up for
// good when there is none left.
absl::Status CheckFilesLeft(int fd) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
      limit.rlim_cur == RLIM_INFINITY ||
      static_cast<rlim_t>(fd) < limit.rlim_cur / 2) {
    return absl::OkStatus();
  }
  return absl::UnavailableError(absl::StrCat(
      "too many connections: load may take half of the ", limit.rlim_cur,
      " files that the daemon may open (ulimit -n)"));
}

IoResult Result(ssize_t count) {
  if (count > 0) return {.bytes = static_cast<std::size_t>(count)};
  if (count == 0) return {.closed = true};
  if (errno == EAGAIN || errno == EINTR) return {};
  return {.error = errno};
}

}  // namespace

absl::StatusOr<Transport> Transport::Open(const Endpoint& endpoint) {
  const int family = endpoint.address.ss_family;
  const int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return Failure(errno);
  Transport transport(fd);
  RETURN_IF_ERROR(CheckFilesLeft(fd));
  if (family != AF_UNIX) {
    // Small requests must not wait for the answer to the one before.
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  const auto* name = reinterpret_cast<const sockaddr*>(&endpoint.address);
  if (connect(fd, name, endpoint.length) != 0 && errno != EINPROGRESS) {
    return Failure(errno);
  }
  return transport;
}

Transport::Transport(Transport&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {}

Transport& Transport::operator=(Transport&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Transport::~Transport() {
  if (fd_ >= 0) close(fd_);
}

absl::Status Transport::FinishConnecting() const {
  int error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  return error == 0 ? absl::OkStatus() : Failure(error);
}

IoResult Transport::Read(std::span<char> into) const {
  return Result(recv(fd_, into.data(), into.size(), 0));
}

IoResult Transport::Write(std::string_view bytes) const {
  return Result(send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

}  // namespace perfrig::drivers
