// The HTTP port: GET /healthz, /metrics, and an index of them.
#ifndef PERFRIG_SERVER_WEB_HTTP_SERVER_H_
#define PERFRIG_SERVER_WEB_HTTP_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

struct mg_context;

namespace perfrig::web {

// What is shown. Called from the server's own threads, several at once.
struct Pages {
  // True once the daemon takes no new runs.
  std::function<bool()> draining;
  // In Prometheus's text format.
  std::function<std::string()> metrics;
  std::string version;
};

class HttpServer {
 public:
  // Listens on an IP address without brackets; port 0: any free one.
  // UNAVAILABLE if it cannot.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(
      const std::string& host, int port, Pages pages);
  // Waits for answers that are under way.
  ~HttpServer();

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // As bound.
  int port() const { return port_; }

 private:
  HttpServer(Pages pages, std::string host)
      : pages_(std::move(pages)), host_(std::move(host)) {}

  const Pages pages_;
  const std::string host_;
  int port_ = 0;
  // Owned; null until it listens.
  mg_context* context_ = nullptr;
};

}  // namespace perfrig::web

#endif  // PERFRIG_SERVER_WEB_HTTP_SERVER_H_
