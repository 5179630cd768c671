// A real PostgreSQL server with a cluster of its own in a temporary folder,
// reached over a Unix socket there.
#ifndef PERFRIG_TESTS_SUPPORT_SERVERS_POSTGRES_SERVER_H_
#define PERFRIG_TESTS_SUPPORT_SERVERS_POSTGRES_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/support/servers/child.h"

namespace perfrig {

class PostgresServer {
 public:
  // NOT_FOUND where PostgreSQL is not installed.
  static absl::StatusOr<std::unique_ptr<PostgresServer>> Create();
  ~PostgresServer() { Stop(); }

  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // Ends all connections. Create has started it.
  void Stop();
  // The same cluster at the same place.
  absl::Status Start();

  [[nodiscard]] std::string conninfo() const {
    return "host=" + folder_.path() + " user=postgres dbname=postgres";
  }
  // Over a connection of its own; what the first row's first column says.
  absl::StatusOr<std::string> Ask(const std::string& sql) const;

 private:
  explicit PostgresServer(std::string programs)
      : programs_(std::move(programs)) {}

  absl::Status MakeCluster();

  const std::string programs_;
  TemporaryFolder folder_;
  std::unique_ptr<Child> server_;
};

}  // namespace perfrig

#endif  // PERFRIG_TESTS_SUPPORT_SERVERS_POSTGRES_SERVER_H_
