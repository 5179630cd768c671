// A real S3 server, versitygw, that keeps its objects as files in a temporary
// folder.
#ifndef PERFRIG_TESTS_SUPPORT_SERVERS_S3_SERVER_H_
#define PERFRIG_TESTS_SUPPORT_SERVERS_S3_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/support/servers/child.h"

namespace perfrig {

class S3Server {
 public:
  static constexpr char kAccessKey[] = "perfrig";
  static constexpr char kSecretKey[] = "perfrig/secret+key";
  static constexpr char kBucket[] = "bench";

  // NOT_FOUND where versitygw is not installed.
  static absl::StatusOr<std::unique_ptr<S3Server>> Create();

  S3Server(const S3Server&) = delete;
  S3Server& operator=(const S3Server&) = delete;

  // Again, at the same address and with what it had; nothing if it runs.
  absl::Status Start();
  // Kills it.
  void Stop();
  // It goes on listening and answers nothing, until Stop.
  void Freeze() const;

  // "http://127.0.0.1:port"
  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }
  // As --s3 takes it.
  [[nodiscard]] std::string Url() const;

 private:
  S3Server() : port_(FreePort()) {}

  const int port_;
  TemporaryFolder folder_;
  std::string endpoint_;
  std::unique_ptr<Child> server_;
};

}  // namespace perfrig

#endif  // PERFRIG_TESTS_SUPPORT_SERVERS_S3_SERVER_H_
