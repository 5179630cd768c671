// The daemon as seen from here: its services and what their failures mean.
#ifndef PERFRIG_CLIENT_DAEMON_DAEMON_CLIENT_H_
#define PERFRIG_CLIENT_DAEMON_DAEMON_CLIENT_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/status.h"
#include "common/time/clock.h"
#include "perfrig/v1/rig.grpc.pb.h"
#include "perfrig/v1/run.grpc.pb.h"
#include "perfrig/v1/suite.grpc.pb.h"
#include "perfrig/v1/target.grpc.pb.h"

namespace perfrig {

// An error for people, and the code to exit with.
struct Failure {
  int exit_code = 1;
  // Lines without a newline at the end.
  std::string text;
};

class DaemonClient {
 public:
  // `clock` outlives the client.
  DaemonClient(std::string address, const Clock& clock);

  [[nodiscard]] const std::string& address() const { return address_; }
  v1::Suites::Stub& suites() { return *suites_; }
  v1::Runs::Stub& runs() { return *runs_; }
  v1::Targets::Stub& targets() { return *targets_; }
  v1::Rig::Stub& rig() { return *rig_; }

  // client.Call(client.runs(), &v1::Runs::Stub::GetRun, request)
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(
      Stub& stub,
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      const Request& request, absl::Duration timeout = absl::Seconds(15)) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(clock_.WallTime() + timeout));
    Response response;
    const grpc::Status status = (stub.*method)(&context, request, &response);
    if (!status.ok()) return FromGrpc(status);
    return response;
  }

  // What `status`, which is not OK, means. A daemon that does not answer
  // exits with 3 and is told how to start one; problems of a request are
  // given as the daemon words them, one a line.
  [[nodiscard]] Failure Explain(const absl::Status& status) const;

 private:
  std::string address_;
  const Clock& clock_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Suites::Stub> suites_;
  std::unique_ptr<v1::Runs::Stub> runs_;
  std::unique_ptr<v1::Targets::Stub> targets_;
  std::unique_ptr<v1::Rig::Stub> rig_;
};

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_DAEMON_DAEMON_CLIENT_H_
