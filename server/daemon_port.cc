#include "server/daemon_port.h"

#include <grpc/support/log.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server_builder.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "grpc/health/v1/health.pb.h"
#include "server/logging.h"

namespace perfrig {
namespace {

using grpc::health::v1::HealthCheckRequest;

constexpr int kLargestMessage = 64 << 20;
// In milliseconds.
constexpr int kShortestPingInterval = 10'000;

// gRPC's own words are for those who debug it.
void LogOfGrpc(gpr_log_func_args* line) {
  LogDebug("gRPC says", {{"text", line->message}});
}

// What gRPC keeps once for all servers of a process.
void SetUpGrpc() {
  gpr_set_log_function(LogOfGrpc);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
}

void SetOptions(grpc::ServerBuilder& builder) {
  // A second daemon on the same port would share its calls in silence.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Who watches a silent stream may ask whether the connection still lives, as
  // perfrig does every 30 s; by default a server sends such clients away.
  builder.AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
      kShortestPingInterval);
  builder.SetMaxReceiveMessageSize(kLargestMessage);
  builder.SetMaxSendMessageSize(kLargestMessage);
  // Reflection alone is served by threads of its own.
  using Option = grpc::ServerBuilder::SyncServerOption;
  builder.SetSyncServerOption(Option::NUM_CQS, 1);
  builder.SetSyncServerOption(Option::MIN_POLLERS, 1);
  builder.SetSyncServerOption(Option::MAX_POLLERS, 2);
}

}  // namespace

absl::StatusOr<std::unique_ptr<DaemonPort>> DaemonPort::Start(
    const std::string& flag, const std::string& address,
    const std::vector<grpc::Service*>& services,
    const std::vector<std::string>& names) {
  absl::StatusOr<HostPort> bound = ParseHostPort(address);
  if (!bound.ok()) return bound.status();
  SetUpGrpc();
  grpc::ServerBuilder builder;
  SetOptions(builder);
  int port = 0;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  for (grpc::Service* service : services) builder.RegisterService(service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) {
    return absl::UnavailableError(absl::StrCat(
        flag, " ", address, ": cannot listen: ", WhyNotBound(*bound)));
  }
  for (const std::string& name : names) {
    server->GetHealthCheckService()->SetServingStatus(name, true);
  }
  // Asked of its messages, so that the linker keeps them for reflection.
  server->GetHealthCheckService()->SetServingStatus(
      HealthCheckRequest::descriptor()->file()->service(0)->full_name(), true);
  bound->port = static_cast<std::uint16_t>(port);
  return std::unique_ptr<DaemonPort>(
      new DaemonPort(*std::move(bound), std::move(server)));
}

void DaemonPort::AnnounceEnd() {
  server_->GetHealthCheckService()->SetServingStatus(false);
}

void DaemonPort::Shutdown(absl::Time deadline) {
  server_->Shutdown(absl::ToChronoTime(deadline));
}

std::string WhyNotBound(const HostPort& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* first = nullptr;
  const int code =
      getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(),
                  &hints, &first);
  if (code != 0) return gai_strerror(code);
  std::string reason = "unknown reason";
  for (const addrinfo* each = first; each != nullptr; each = each->ai_next) {
    const int fd = socket(each->ai_family, each->ai_socktype, 0);
    const int yes = 1;
    if (fd < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
        bind(fd, each->ai_addr, each->ai_addrlen) != 0 || listen(fd, 1) != 0) {
      reason = std::strerror(errno);
    }
    if (fd >= 0) close(fd);
  }
  freeaddrinfo(first);
  return reason;
}

}  // namespace perfrig
