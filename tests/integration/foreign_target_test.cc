// Targets that are not the daemon's own: other families of addresses, and
// servers that answer what they should not.
#include <gmock/gmock.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "perfrig/target/v1/echo.grpc.pb.h"
#include "tests/integration/daemon_fixture.h"

namespace perfrig {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

namespace api = target::v1;

class EchoService final : public api::Echo::Service {
 public:
  grpc::Status Call(grpc::ServerContext* context,
                    const api::EchoRequest* request,
                    api::EchoResponse* response) override {
    response->set_text(request->text());
    return grpc::Status::OK;
  }
};

// Answers Call with bytes that are no EchoResponse.
class BrokenEchoService final
    : public api::Echo::WithRawCallbackMethod_Call<api::Echo::Service> {
 public:
  grpc::ServerUnaryReactor* Call(grpc::CallbackServerContext* context,
                                 const grpc::ByteBuffer* request,
                                 grpc::ByteBuffer* response) override {
    // A field of 127 bytes that are not there.
    const grpc::Slice slice("\x0a\x7fnot");
    *response = grpc::ByteBuffer(&slice, 1);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

class ForeignTargetTest : public DaemonTest {
 protected:
  ~ForeignTargetTest() override {
    if (server_ != nullptr) server_->Shutdown();
  }

  // Serves with reflection; false where the machine cannot.
  bool Serve(grpc::Service& service, const std::string& address) {
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(),
                             &port_);
    builder.RegisterService(&service);
    server_ = builder.BuildAndStart();
    return server_ != nullptr;
  }

  v1::Run RunOn(const std::string& target, v1::StartRunRequest request) {
    request.add_targets(target);
    const auto started = StartRun(request);
    EXPECT_TRUE(started.ok()) << started.status();
    if (!started.ok()) return {};
    const auto finished = WaitFor(started->name());
    EXPECT_TRUE(finished.ok()) << finished.status();
    return finished.value_or(v1::Run());
  }

  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(ForeignTargetTest, AUnixSocketIsATarget) {
  EchoService echo;
  const std::string path =
      absl::StrCat(::testing::TempDir(), "perfrig-", getpid(), ".sock");
  ASSERT_TRUE(Serve(echo, absl::StrCat("unix:", path)));
  Start();

  const v1::Run run = RunOn(absl::StrCat("unix:", path), ShortRun());

  EXPECT_EQ(run.verdict(), v1::PASS) << run.reason();
  EXPECT_EQ(run.suites(0).tests(0).figures().ok(), 20U);
}

TEST_F(ForeignTargetTest, AnIpv6AddressIsATarget) {
  EchoService echo;
  if (!Serve(echo, "[::1]:0")) GTEST_SKIP() << "NO IPV6 ON THIS MACHINE";
  Start();

  const v1::Run run = RunOn(absl::StrCat("[::1]:", port_), ShortRun());

  EXPECT_EQ(run.verdict(), v1::PASS) << run.reason();
  EXPECT_EQ(run.suites(0).tests(0).figures().ok(), 20U);
}

TEST_F(ForeignTargetTest, ADaemonsOwnTargetsMayListenOnIpv6) {
  EchoService echo;
  if (!Serve(echo, "[::1]:0")) GTEST_SKIP() << "NO IPV6 ON THIS MACHINE";
  Config config = FreePorts();
  config.control_address = config.target_address = "[::1]:0";
  Start(config);

  const auto started = StartRun(ShortRun());
  ASSERT_TRUE(started.ok()) << started.status();
  const auto finished = WaitFor(started->name());

  EXPECT_THAT(daemon_->target_address(), HasSubstr("[::1]:"));
  ASSERT_TRUE(finished.ok()) << finished.status();
  EXPECT_EQ(finished->verdict(), v1::PASS) << finished->reason();
}

// localhost is ::1 and 127.0.0.1 on most machines; here one listens.
TEST_F(ForeignTargetTest, ANameIsTriedByAllItsAddresses) {
  EchoService echo;
  ASSERT_TRUE(Serve(echo, "127.0.0.1:0"));
  Start();

  for (const char* form : {"localhost:", "dns:///localhost:"}) {
    const v1::Run run = RunOn(absl::StrCat(form, port_), ShortRun());
    EXPECT_EQ(run.verdict(), v1::PASS) << form << " " << run.reason();
  }
}

TEST_F(ForeignTargetTest, AnAnswerThatCannotBeDecodedFailsItsCall) {
  BrokenEchoService broken;
  ASSERT_TRUE(Serve(broken, "127.0.0.1:0"));
  Start();
  v1::StartRunRequest request = ShortRun();
  absl::StrAppend(request.mutable_sources(0)->mutable_text(),
                  "    check: {conditions: ['response.text == \"\"']}\n");

  const v1::Run run = RunOn(absl::StrCat("127.0.0.1:", port_), request);

  EXPECT_EQ(run.verdict(), v1::FAIL) << run.reason();
  ASSERT_EQ(run.suites_size(), 1);
  const v1::TestResult& result = run.suites(0).tests(0);
  EXPECT_EQ(result.figures().ok(), 0U);
  EXPECT_EQ(result.figures().failed(), 20U);
  EXPECT_EQ(result.figures().statuses().at("OK"), 20U);
  ASSERT_THAT(result.failed(), SizeIs(10));
  EXPECT_EQ(result.failed(0).status(), "OK");
  EXPECT_THAT(result.failed(0).message(),
              AllOf(HasSubstr("cannot be decoded: 5 bytes"),
                    HasSubstr("perfrig.target.v1.EchoResponse")));
}

// Without a check nobody looks into the answer.
TEST_F(ForeignTargetTest, AnAnswerThatNobodyReadsIsNotDecoded) {
  BrokenEchoService broken;
  ASSERT_TRUE(Serve(broken, "127.0.0.1:0"));
  Start();

  const v1::Run run = RunOn(absl::StrCat("127.0.0.1:", port_), ShortRun());

  EXPECT_EQ(run.verdict(), v1::PASS) << run.reason();
}

}  // namespace
}  // namespace perfrig
