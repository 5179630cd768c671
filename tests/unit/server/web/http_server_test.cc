#include "server/web/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>

#include "tests/unit/server/web/http_request.h"

namespace perfrig::web {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() {
    auto started =
        HttpServer::Start("127.0.0.1", 0,
                          {.draining = [this] { return draining_.load(); },
                           .metrics = [] { return "up 1\n"; },
                           .version = "1.2.3"});
    EXPECT_TRUE(started.ok()) << started.status();
    server_ = *std::move(started);
  }

  std::string Ask(const std::string& line) {
    return HttpRequest(server_->port(), line);
  }

  std::atomic<bool> draining_ = false;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, HealthIsOkUntilTheDaemonDrains) {
  EXPECT_THAT(Ask("GET /healthz"),
              AllOf(StartsWith("HTTP/1.1 200 OK"), EndsWith("\r\n\r\nok\n")));

  draining_ = true;

  EXPECT_THAT(Ask("GET /healthz"),
              AllOf(StartsWith("HTTP/1.1 503"), EndsWith("draining\n")));
}

TEST_F(HttpServerTest, MetricsComeInPrometheusTextFormat) {
  EXPECT_THAT(
      Ask("GET /metrics"),
      AllOf(StartsWith("HTTP/1.1 200 OK"),
            HasSubstr("Content-Type: text/plain; version=0.0.4"),
            HasSubstr("Content-Length: 5\r\n"), EndsWith("\r\n\r\nup 1\n")));
}

TEST_F(HttpServerTest, TheIndexNamesWhatThereIs) {
  EXPECT_THAT(Ask("GET /"),
              AllOf(HasSubstr("application/json"), HasSubstr("\"1.2.3\""),
                    HasSubstr("/metrics")));
}

TEST_F(HttpServerTest, AHeadRequestGetsNoBody) {
  EXPECT_THAT(Ask("HEAD /healthz"),
              AllOf(HasSubstr("Content-Length: 3"), EndsWith("\r\n\r\n")));
}

TEST_F(HttpServerTest, WhatIsNotThereIsNotFoundAndNothingCanBeChanged) {
  EXPECT_THAT(Ask("GET /nothing"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(Ask("GET /metrics/.."), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(Ask("POST /metrics"),
              AllOf(StartsWith("HTTP/1.1 405"), HasSubstr("Allow: GET")));
}

TEST_F(HttpServerTest, APortThatIsTakenIsAnError) {
  const auto second = HttpServer::Start("127.0.0.1", server_->port(), Pages());

  EXPECT_FALSE(second.ok());
}

}  // namespace
}  // namespace perfrig::web
