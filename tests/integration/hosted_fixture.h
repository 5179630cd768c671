// The mock targets over real gRPC, in this process. Bounds on times are
// generous: what is exact is tested with a fake clock.
#ifndef PERFRIG_TESTS_INTEGRATION_HOSTED_FIXTURE_H_
#define PERFRIG_TESTS_INTEGRATION_HOSTED_FIXTURE_H_

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/server_interceptor.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/rpc/status.h"
#include "common/time/clock.h"
#include "google/protobuf/text_format.h"
#include "server/targets/host.h"

namespace perfrig::targets {

namespace api = target::v1;

class HostedTest : public ::testing::Test {
 protected:
  using Interceptors = std::vector<
      std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>;

  explicit HostedTest(HostOptions options = Allowing(),
                      Interceptors interceptors = {})
      : host_(clock_, std::move(options)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port_);
    builder.SetMaxReceiveMessageSize(-1);
    for (grpc::Service* service : host_.services()) {
      builder.RegisterService(service);
    }
    builder.experimental().SetInterceptorCreators(std::move(interceptors));
    server_ = builder.BuildAndStart();
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(port_),
                                   grpc::InsecureChannelCredentials());
  }
  ~HostedTest() override {
    host_.Shutdown();
    server_->Shutdown();
  }

  static HostOptions Allowing() {
    HostOptions options;
    options.allow_call_overrides = true;
    options.object_store_bytes = 4U << 20;
    return options;
  }

  void Set(const std::string& target, const std::string& behavior) {
    v1::UpdateBehaviorRequest request;
    request.set_name("targets/" + target);
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
        behavior, request.mutable_behavior()));
    const auto updated = host_.Update(request);
    ASSERT_TRUE(updated.ok()) << updated.status();
  }
  v1::TargetStatistics StatisticsOf(const std::string& target) {
    return host_.Get(target)->statistics();
  }
  // A number of the state, 0 where it is not there.
  double StateOf(const std::string& target, const std::string& name) {
    const auto described = host_.Get(target);
    const auto& fields = described->state().fields();
    const auto field = fields.find(name);
    return field == fields.end() ? 0 : field->second.number_value();
  }
  // Waits for what the client does not see.
  bool Eventually(const std::function<bool()>& holds) {
    const Nanos end = clock_.Now() + 20 * kSecond;
    while (!holds()) {
      if (clock_.Now() > end) return false;
      clock_.SleepUntil(clock_.Now() + kMillisecond);
    }
    return true;
  }
  static std::string TrailerOf(const grpc::ClientContext& context,
                               const char* key) {
    const auto& trailers = context.GetServerTrailingMetadata();
    const auto found = trailers.find(key);
    return found == trailers.end()
               ? std::string()
               : std::string(found->second.data(), found->second.size());
  }

  // A unary call of a stub, its request in text format. The context is for
  // those who cancel it or look at its trailers.
  template <class Stub, class Request, class Response>
  absl::Status Call(Stub& stub,
                    grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                 const Request&, Response*),
                    const std::string& text, Response& response,
                    grpc::ClientContext& context) {
    Request request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request));
    return FromGrpc((stub.*method)(&context, request, &response));
  }
  template <class Stub, class Request, class Response>
  absl::Status Call(Stub& stub,
                    grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                 const Request&, Response*),
                    const std::string& text, Response& response) {
    grpc::ClientContext context;
    return Call(stub, method, text, response, context);
  }

  SystemClock clock_;
  Host host_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_TESTS_INTEGRATION_HOSTED_FIXTURE_H_
