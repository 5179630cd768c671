// One gRPC port of the daemon: its services, health for each of them, and
// reflection.
#ifndef PERFRIG_SERVER_DAEMON_PORT_H_
#define PERFRIG_SERVER_DAEMON_PORT_H_

#include <grpcpp/server.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/address.h"

namespace perfrig {

class DaemonPort {
 public:
  // Listens on `address` ("host:port"; port 0: any free one). UNAVAILABLE
  // naming `flag`, the address and the reason if it cannot. The services
  // outlive the port; `names` are those that health knows.
  static absl::StatusOr<std::unique_ptr<DaemonPort>> Start(
      const std::string& flag, const std::string& address,
      const std::vector<grpc::Service*>& services,
      const std::vector<std::string>& names);

  // As bound.
  const HostPort& address() const { return address_; }

  // Health says NOT_SERVING from now on; calls are still taken.
  void AnnounceEnd();
  // Takes no new calls; those in flight may go on until `deadline` and are
  // cancelled then. Returns when the last one has ended.
  void Shutdown(absl::Time deadline);

 private:
  DaemonPort(HostPort address, std::unique_ptr<grpc::Server> server)
      : address_(std::move(address)), server_(std::move(server)) {}

  const HostPort address_;
  const std::unique_ptr<grpc::Server> server_;
};

// Why nothing can listen on the address: "Address already in use".
std::string WhyNotBound(const HostPort& address);

}  // namespace perfrig

#endif  // PERFRIG_SERVER_DAEMON_PORT_H_
