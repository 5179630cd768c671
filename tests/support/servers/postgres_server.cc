#include "tests/support/servers/postgres_server.h"

#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace perfrig {
namespace {

constexpr char kPrograms[] = "/usr/lib/postgresql";
// Debian's package makes this user; the server refuses to run as root.
constexpr char kUser[] = "postgres";
constexpr int kStartSeconds = 60;

// The folder with initdb in it; empty where there is none.
std::string FindPrograms() {
  std::error_code error;
  for (const auto& version :
       std::filesystem::directory_iterator(kPrograms, error)) {
    const auto programs = version.path() / "bin";
    if (std::filesystem::exists(programs / "initdb") &&
        std::filesystem::exists(programs / "postgres")) {
      return programs.string();
    }
  }
  return {};
}

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresServer>> PostgresServer::Create() {
  const std::string programs = FindPrograms();
  if (programs.empty()) {
    return absl::NotFoundError(absl::StrCat(
        "NO POSTGRESQL IN ", kPrograms, ": scripts/setup test installs it"));
  }
  std::unique_ptr<PostgresServer> server(new PostgresServer(programs));
  RETURN_IF_ERROR(server->MakeCluster());
  RETURN_IF_ERROR(server->Start());
  return server;
}

absl::Status PostgresServer::MakeCluster() {
  if (geteuid() == 0) {
    const passwd* user = getpwnam(kUser);
    if (user == nullptr ||
        chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0) {
      return absl::InternalError(absl::StrCat("no user ", kUser));
    }
  }
  const std::string log = folder_.path() + "/initdb.log";
  ASSIGN_OR_RETURN(
      auto initdb,
      Child::Start(
          {programs_ + "/initdb", "-D", folder_.path() + "/data", "-A", "trust",
           "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"},
          log, kUser));
  if (initdb->Wait() == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("initdb: ", ReadText(log)));
}

absl::Status PostgresServer::Start() {
  const std::string log = folder_.path() + "/server.log";
  ASSIGN_OR_RETURN(
      server_,
      Child::Start({programs_ + "/postgres", "-D", folder_.path() + "/data",
                    "-F", "-c", "listen_addresses=", "-c",
                    "unix_socket_directories=" + folder_.path(), "-c",
                    "shared_buffers=16MB", "-c", "max_connections=60"},
                   log, kUser));
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(kStartSeconds);
  while (PQping(conninfo().c_str()) != PQPING_OK) {
    if (!server_->Runs() || std::chrono::steady_clock::now() > deadline) {
      return absl::UnavailableError(absl::StrCat("postgres: ", ReadText(log)));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return absl::OkStatus();
}

void PostgresServer::Stop() {
  if (server_ == nullptr) return;
  // Immediate shutdown: a session that ends does not let another one go on.
  server_->Signal(SIGQUIT);
  server_->Wait();
  server_ = nullptr;
}

absl::StatusOr<std::string> PostgresServer::Ask(const std::string& sql) const {
  PGconn* connection = PQconnectdb(
      (conninfo() + " options='-c client_min_messages=warning'").c_str());
  PGresult* result = PQexec(connection, sql.c_str());
  absl::StatusOr<std::string> answer =
      absl::InternalError(PQerrorMessage(connection));
  if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) > 0) {
    answer = std::string(PQgetvalue(result, 0, 0));
  } else if (PQresultStatus(result) == PGRES_COMMAND_OK) {
    answer = std::string();
  }
  PQclear(result);
  PQfinish(connection);
  return answer;
}

}  // namespace perfrig
