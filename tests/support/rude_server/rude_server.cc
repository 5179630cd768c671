#include "tests/support/rude_server/rude_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "tests/support/rude_server/rude_connection.h"

namespace perfrig {
namespace {

constexpr std::string_view kUnix = "unix:";

struct Name {
  sockaddr_storage storage{};
  socklen_t length = 0;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

Name NameOf(const std::string& listen, std::uint16_t port) {
  Name name;
  if (listen.starts_with(kUnix)) {
    auto* address = reinterpret_cast<sockaddr_un*>(&name.storage);
    address->sun_family = AF_UNIX;
    std::strncpy(address->sun_path, listen.c_str() + kUnix.size(),
                 sizeof(address->sun_path) - 1);
    name.length = sizeof(*address);
  } else if (listen.find(':') != std::string::npos) {
    auto* address = reinterpret_cast<sockaddr_in6*>(&name.storage);
    address->sin6_family = AF_INET6;
    address->sin6_port = htons(port);
    inet_pton(AF_INET6, listen.c_str(), &address->sin6_addr);
    name.length = sizeof(*address);
  } else {
    auto* address = reinterpret_cast<sockaddr_in*>(&name.storage);
    address->sin_family = AF_INET;
    address->sin_port = htons(port);
    inet_pton(AF_INET, listen.c_str(), &address->sin_addr);
    name.length = sizeof(*address);
  }
  return name;
}

void Must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

std::string_view RudeServer::Seen::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

RudeServer::RudeServer(Manners manners, Handler handler)
    : manners_(std::move(manners)), handler_(std::move(handler)) {
  Listen();
  wake_ = eventfd(0, EFD_CLOEXEC);
  thread_ = std::thread([this] { Run(); });
}

RudeServer::~RudeServer() {
  eventfd_write(wake_, 1);
  thread_.join();
  close(wake_);
  close(listener_);
  if (manners_.listen.starts_with(kUnix)) {
    unlink(manners_.listen.c_str() + kUnix.size());
  }
}

void RudeServer::Listen() {
  Name name = NameOf(manners_.listen, manners_.port);
  const int family = name.storage.ss_family;
  listener_ = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  Must(bind(listener_, name.get(), name.length) == 0);
  Must(listen(listener_, SOMAXCONN) == 0);
  if (family == AF_UNIX) {
    address_ = manners_.listen;
    return;
  }
  name.length = sizeof(name.storage);
  Must(getsockname(listener_, name.get(), &name.length) == 0);
  port_ = ntohs(family == AF_INET6
                    ? reinterpret_cast<sockaddr_in6*>(&name.storage)->sin6_port
                    : reinterpret_cast<sockaddr_in*>(&name.storage)->sin_port);
  const std::string host =
      family == AF_INET6 ? "[" + manners_.listen + "]" : manners_.listen;
  address_ = host + ":" + std::to_string(port_);
}

void RudeServer::Run() {
  while (true) {
    std::vector<pollfd> waits = {{wake_, POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const auto& connection : open_) {
      const int events = connection->WantsWrite() ? POLLIN | POLLOUT : POLLIN;
      waits.push_back({connection->fd(), static_cast<std::int16_t>(events), 0});
    }
    poll(waits.data(), waits.size(), -1);
    if (waits[0].revents != 0) break;
    for (std::size_t i = 2; i < waits.size(); ++i) {
      auto& connection = open_[i - 2];
      bool alive = true;
      if ((waits[i].revents & POLLOUT) != 0) alive = connection->Flush();
      if (alive && (waits[i].revents & ~POLLOUT) != 0) {
        alive = connection->OnReadable();
      }
      if (!alive) connection.reset();
    }
    std::erase(open_, nullptr);
    if (waits[1].revents != 0) Accept();
  }
  open_.clear();
}

void RudeServer::Accept() {
  const int fd =
      accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  connections_.fetch_add(1);
  if (manners_.closes_at_once) {
    close(fd);
    return;
  }
  open_.push_back(std::make_unique<RudeConnection>(*this, fd));
  open_.back()->Flush();
}

RudeServer::Reply RudeServer::EchoBack(const Seen& seen) {
  Reply reply;
  reply.body = seen.body;
  return reply;
}

RudeServer::Reply RudeServer::Messages(
    const std::vector<std::string>& messages) {
  Reply reply;
  for (const std::string& message : messages) reply.body += Framed(message);
  return reply;
}

RudeServer::Reply RudeServer::Status(int code, std::string message) {
  Reply reply;
  reply.trailers_only = true;
  reply.trailers = {{"grpc-status", std::to_string(code)},
                    {"grpc-message", std::move(message)}};
  return reply;
}

std::string RudeServer::Framed(std::string_view message, bool compressed) {
  const auto length = static_cast<std::uint32_t>(message.size());
  std::string framed(1, compressed ? '\1' : '\0');
  for (const int shift : {24, 16, 8, 0}) {
    framed.push_back(static_cast<char>(length >> shift));
  }
  return framed.append(message);
}

}  // namespace perfrig
