#include "server/web/http_server.h"

#include <civetweb.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

namespace perfrig::web {
namespace {

struct Answer {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
};

Answer Route(std::string_view path, const Pages& pages) {
  if (path == "/healthz") {
    if (pages.draining()) return {.status = 503, .body = "draining\n"};
    return {.body = "ok\n"};
  }
  if (path == "/metrics") {
    return {.type = "text/plain; version=0.0.4; charset=utf-8",
            .body = pages.metrics()};
  }
  if (path == "/") {
    return {
        .type = "application/json",
        .body = absl::StrCat(R"({"name":"perfrigd","version":")", pages.version,
                             R"(","links":["/healthz","/metrics"]})", "\n")};
  }
  return {.status = 404, .body = "not found: see / for what there is\n"};
}

std::string_view ReasonOf(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    default:
      return "Service Unavailable";
  }
}

void Send(mg_connection* connection, const Answer& answer, bool with_body) {
  std::string text = absl::StrCat("HTTP/1.1 ", answer.status, " ",
                                  std::string(ReasonOf(answer.status)),
                                  "\r\nContent-Type: ", answer.type,
                                  "\r\nContent-Length: ", answer.body.size(),
                                  "\r\nCache-Control: no-store"
                                  "\r\nX-Content-Type-Options: nosniff"
                                  "\r\nConnection: close\r\n");
  if (answer.status == 405) absl::StrAppend(&text, "Allow: GET, HEAD\r\n");
  absl::StrAppend(&text, "\r\n");
  if (with_body) absl::StrAppend(&text, answer.body);
  mg_write(connection, text.data(), text.size());
}

int Handle(mg_connection* connection, void* pages) {
  const mg_request_info& request = *mg_get_request_info(connection);
  const std::string_view method = request.request_method;
  if (method != "GET" && method != "HEAD") {
    Send(connection, {.status = 405, .body = "only GET and HEAD\n"}, true);
    return 405;
  }
  const Answer answer =
      Route(request.local_uri, *static_cast<const Pages*>(pages));
  Send(connection, answer, method == "GET");
  return answer.status;
}

// Its caller says why it did not start; civetweb's own words go nowhere.
int Silent(const mg_connection* /*connection*/, const char* /*message*/) {
  return 1;
}

// Makes one request and waits for its end; false if nobody listens.
bool Knock(const addrinfo& address) {
  const int fd = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  // One that nobody takes up any more is given up.
  const timeval patience{.tv_sec = 0, .tv_usec = 50'000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  const bool open = connect(fd, address.ai_addr, address.ai_addrlen) == 0;
  if (open) {
    constexpr std::string_view kRequest = "HEAD / HTTP/1.0\r\n\r\n";
    send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL);
    char bytes[1024];
    while (read(fd, bytes, sizeof(bytes)) > 0) {
    }
  }
  close(fd);
  return open;
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(
    const std::string& host, int port, Pages pages) {
  std::unique_ptr<HttpServer> server(new HttpServer(std::move(pages), host));
  mg_callbacks callbacks{};
  callbacks.log_message = Silent;
  const bool v6 = host.find(':') != std::string::npos;
  const std::string address =
      absl::StrCat(v6 ? "[" : "", host, v6 ? "]:" : ":", port);
  const char* options[] = {"listening_ports",
                           address.c_str(),
                           "num_threads",
                           "4",
                           "request_timeout_ms",
                           "10000",
                           "enable_keep_alive",
                           "no",
                           nullptr};
  mg_context* context = mg_start(&callbacks, nullptr, options);
  if (context == nullptr) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", address));
  }
  mg_server_port bound{};
  mg_get_server_ports(context, 1, &bound);
  server->context_ = context;
  server->port_ = bound.port;
  mg_set_request_handler(context, "/**", Handle,
                         const_cast<Pages*>(&server->pages_));
  return server;
}

HttpServer::~HttpServer() {
  if (context_ == nullptr) return;
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* address = nullptr;
  const int found = getaddrinfo(host_.c_str(), std::to_string(port_).c_str(),
                                &hints, &address);
  // Without an address nobody knocks, and stopping takes up to 2 s.
  if (found != 0) address = nullptr;
  // civetweb looks whether it shall end when somebody comes, or every 2 s.
  std::atomic<bool> stopped = false;
  std::thread waker([&] {
    while (!stopped && address != nullptr && Knock(*address)) {
    }
  });
  mg_stop(context_);
  stopped = true;
  waker.join();
  if (address != nullptr) freeaddrinfo(address);
}

}  // namespace perfrig::web
