#include "tests/support/servers/s3_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace perfrig {
namespace {

constexpr int kStartSeconds = 60;
constexpr char kProgram[] = PERFRIG_TOOLS "/versitygw";

bool Listens(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const bool listens =
      connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return listens;
}

}  // namespace

absl::StatusOr<std::unique_ptr<S3Server>> S3Server::Create() {
  if (!std::filesystem::exists(kProgram)) {
    return absl::NotFoundError(absl::StrCat(
        "NO S3 SERVER AT ", kProgram, ": scripts/tools versitygw builds it"));
  }
  std::unique_ptr<S3Server> server(new S3Server());
  const std::string& folder = server->folder_.path();
  // A folder below the root is a bucket.
  std::filesystem::create_directories(folder + "/root/" + kBucket);
  // Not every file system that tests run on has extended attributes.
  std::filesystem::create_directories(folder + "/attributes");
  server->endpoint_ = absl::StrCat("http://127.0.0.1:", server->port_);
  RETURN_IF_ERROR(server->Start());
  return server;
}

absl::Status S3Server::Start() {
  if (server_ != nullptr) return absl::OkStatus();
  const std::string log = folder_.path() + "/server.log";
  ASSIGN_OR_RETURN(server_, Child::Start({kProgram, "--access", kAccessKey,
                                          "--secret", kSecretKey, "--port",
                                          absl::StrCat("127.0.0.1:", port_),
                                          "posix", folder_.path() + "/root"},
                                         log));
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(kStartSeconds);
  while (!Listens(port_)) {
    if (!server_->Runs() || std::chrono::steady_clock::now() > deadline) {
      return absl::UnavailableError(absl::StrCat("versitygw: ", ReadText(log)));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return absl::OkStatus();
}

void S3Server::Stop() {
  // Also where it is frozen.
  if (server_ != nullptr) server_->Signal(SIGKILL);
  server_ = nullptr;
}

void S3Server::Freeze() const { server_->Signal(SIGSTOP); }

std::string S3Server::Url() const {
  return absl::StrCat("http://", kAccessKey, ":", kSecretKey,
                      "@127.0.0.1:", port_, "/", kBucket);
}

}  // namespace perfrig
