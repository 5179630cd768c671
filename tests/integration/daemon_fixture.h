// A daemon in this process on free ports, and stubs for it.
#ifndef PERFRIG_TESTS_INTEGRATION_DAEMON_FIXTURE_H_
#define PERFRIG_TESTS_INTEGRATION_DAEMON_FIXTURE_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "common/rpc/status.h"
#include "common/time/clock.h"
#include "perfrig/v1/rig.grpc.pb.h"
#include "perfrig/v1/run.grpc.pb.h"
#include "perfrig/v1/suite.grpc.pb.h"
#include "perfrig/v1/target.grpc.pb.h"
#include "server/daemon.h"

namespace perfrig {

class DaemonTest : public ::testing::Test {
 protected:
  static Config FreePorts() {
    Config config;
    config.control_address = "127.0.0.1:0";
    config.http_address = "127.0.0.1:0";
    config.target_address = "127.0.0.1:0";
    return config;
  }

  void Start(Config config = FreePorts()) {
    auto daemon = Daemon::Start(clock_, std::move(config));
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_ = *std::move(daemon);
    channel_ = ChannelTo(daemon_->control_address());
    suites_ = v1::Suites::NewStub(channel_);
    runs_ = v1::Runs::NewStub(channel_);
    targets_ = v1::Targets::NewStub(channel_);
    rig_ = v1::Rig::NewStub(channel_);
  }

  static std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    // Each daemon is met anew, even on a port that another has had.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(
        address, grpc::InsecureChannelCredentials(), arguments);
  }

  // Calls a unary method of a stub.
  template <typename Stub, typename Request, typename Response>
  static absl::StatusOr<Response> Call(
      Stub& stub,
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      const Request& request) {
    grpc::ClientContext context;
    Response response;
    const grpc::Status status = (stub.*method)(&context, request, &response);
    if (!status.ok()) return FromGrpc(status);
    return response;
  }

  // A request for a suite of one test, `load` as YAML.
  static v1::StartRunRequest EchoRun(const std::string& load) {
    v1::StartRunRequest request;
    v1::SuiteSource& source = *request.add_sources();
    source.set_file_name("echo.yaml");
    source.set_text(
        "suite: echo\n"
        "tests:\n"
        "  ping:\n"
        "    call: perfrig.target.v1.Echo/Call\n"
        "    load: " +
        load + "\n");
    return request;
  }

  static v1::StartRunRequest ShortRun() {
    return EchoRun("{users: 1, iterations: 20}");
  }
  // Ends only when it is cancelled.
  static v1::StartRunRequest LongRun() {
    return EchoRun("{rate: 20/s, duration: 600s}");
  }

  absl::StatusOr<v1::Run> StartRun(const v1::StartRunRequest& request) {
    return Call(*runs_, &v1::Runs::Stub::StartRun, request);
  }

  absl::StatusOr<v1::Run> GetRun(const std::string& name) {
    v1::GetRunRequest request;
    request.set_name(name);
    return Call(*runs_, &v1::Runs::Stub::GetRun, request);
  }

  absl::StatusOr<v1::Run> CancelRun(const std::string& name) {
    v1::CancelRunRequest request;
    request.set_name(name);
    return Call(*runs_, &v1::Runs::Stub::CancelRun, request);
  }

  // Reads a stream of events to its end; gives the last one.
  static absl::StatusOr<v1::RunEvent> ReadAll(
      grpc::ClientReaderInterface<v1::RunEvent>& stream) {
    v1::RunEvent last;
    v1::RunEvent event;
    while (stream.Read(&event)) last = event;
    const grpc::Status status = stream.Finish();
    if (!status.ok()) return FromGrpc(status);
    return last;
  }

  // Watches to the end; gives the finished run.
  absl::StatusOr<v1::Run> WaitFor(const std::string& name,
                                  std::uint64_t after = 0) {
    grpc::ClientContext context;
    v1::WatchRunRequest request;
    request.set_name(name);
    request.set_after_sequence(after);
    const auto stream = runs_->WatchRun(&context, request);
    absl::StatusOr<v1::RunEvent> last = ReadAll(*stream);
    if (!last.ok()) return last.status();
    if (!last->has_finished()) return absl::InternalError("no end");
    return last->finished();
  }

  SystemClock clock_;
  std::unique_ptr<Daemon> daemon_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Suites::Stub> suites_;
  std::unique_ptr<v1::Runs::Stub> runs_;
  std::unique_ptr<v1::Targets::Stub> targets_;
  std::unique_ptr<v1::Rig::Stub> rig_;
};

}  // namespace perfrig

#endif  // PERFRIG_TESTS_INTEGRATION_DAEMON_FIXTURE_H_
