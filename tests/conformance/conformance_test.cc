// The gRPC project's interoperability cases through our driver, against the
// servers of four languages.
//
// The driver sends all messages of a call and then half-closes, so ping_pong
// and its kin are judged by what comes back, not by who waited for whom; it
// reports trailers, not initial metadata.
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/caller.h"
#include "tests/conformance/proto/test.pb.h"
#include "tests/conformance/server_process.h"

namespace perfrig {
namespace {

using ::grpc::testing::Empty;
using ::grpc::testing::SimpleRequest;
using ::grpc::testing::SimpleResponse;
using ::grpc::testing::StreamingInputCallRequest;
using ::grpc::testing::StreamingInputCallResponse;
using ::grpc::testing::StreamingOutputCallRequest;
using ::grpc::testing::StreamingOutputCallResponse;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;

constexpr int kOk = 0;
constexpr int kLargeRequest = 271'828;
constexpr int kLargeResponse = 314'159;
constexpr int kLongMicroseconds = 15'000'000;

std::string ServerPath(const std::string& name) {
  if (name == "cpp") return PERFRIG_CONFORMANCE_CPP;
  return std::string(PERFRIG_CONFORMANCE_DIR) + "/" + name + "/serve";
}

std::string MethodPath(const std::string& method) {
  return "/grpc.testing.TestService/" + method;
}

drivers::Request RequestOf(
    const std::string& method,
    const std::vector<const google::protobuf::Message*>& messages) {
  drivers::Request request;
  request.path = MethodPath(method);
  request.wants_messages = true;
  request.timeout = 15 * kSecond;
  for (const auto* message : messages) {
    request.messages.push_back(message->SerializeAsString());
  }
  return request;
}

template <typename Response>
Response Parse(const std::string& bytes) {
  Response response;
  EXPECT_TRUE(response.ParseFromString(bytes));
  return response;
}

StreamingOutputCallRequest Asking(const std::vector<int>& sizes,
                                  int payload = 0) {
  StreamingOutputCallRequest request;
  for (const int size : sizes) {
    request.add_response_parameters()->set_size(size);
  }
  if (payload > 0) {
    request.mutable_payload()->set_body(std::string(payload, '\0'));
  }
  return request;
}

std::vector<int> Sizes(const Reply& reply) {
  std::vector<int> sizes;
  for (const std::string& message : reply.messages) {
    const auto response = Parse<StreamingOutputCallResponse>(message);
    sizes.push_back(static_cast<int>(response.payload().body().size()));
  }
  return sizes;
}

class ConformanceTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::string path = ServerPath(GetParam());
    if (!std::filesystem::exists(path)) {
      ASSERT_EQ(std::getenv("PERFRIG_NO_SKIP"), nullptr)
          << "no server at " << path;
      GTEST_SKIP() << "NO SERVER AT " << path
                   << ": tests/conformance/build makes it";
    }
    auto server = ServerProcess::Start(path);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    const absl::Status connected = caller_.Connect(server_->address());
    ASSERT_TRUE(connected.ok()) << connected;
  }

  std::unique_ptr<ServerProcess> server_;
  Caller caller_;
};

TEST_P(ConformanceTest, EmptyUnary) {
  const Reply reply =
      caller_.Call(RequestOf("EmptyCall", {&Empty::default_instance()}));

  EXPECT_EQ(reply.times_done, 1);
  EXPECT_EQ(reply.status, kOk) << reply.message;
  EXPECT_THAT(reply.messages, ElementsAre(""));
  EXPECT_LE(reply.sent, reply.first);
  EXPECT_LE(reply.first, reply.done);
}

TEST_P(ConformanceTest, LargeUnary) {
  SimpleRequest request;
  request.set_response_size(kLargeResponse);
  request.mutable_payload()->set_body(std::string(kLargeRequest, '\0'));

  const Reply reply = caller_.Call(RequestOf("UnaryCall", {&request}));

  EXPECT_EQ(reply.status, kOk) << reply.message;
  ASSERT_EQ(reply.messages.size(), 1);
  EXPECT_EQ(Parse<SimpleResponse>(reply.messages[0]).payload().body(),
            std::string(kLargeResponse, '\0'));
}

TEST_P(ConformanceTest, ClientStreaming) {
  std::vector<StreamingInputCallRequest> requests;
  for (const int size : {27'182, 8, 1'828, 45'904}) {
    requests.emplace_back().mutable_payload()->set_body(
        std::string(size, '\0'));
  }

  const Reply reply = caller_.Call(
      RequestOf("StreamingInputCall",
                {&requests[0], &requests[1], &requests[2], &requests[3]}));

  EXPECT_EQ(reply.status, kOk) << reply.message;
  ASSERT_EQ(reply.messages.size(), 1);
  EXPECT_EQ(Parse<StreamingInputCallResponse>(reply.messages[0])
                .aggregated_payload_size(),
            74'922);
}

TEST_P(ConformanceTest, ServerStreaming) {
  const auto request = Asking({31'415, 9, 2'653, 58'979});

  const Reply reply =
      caller_.Call(RequestOf("StreamingOutputCall", {&request}));

  EXPECT_EQ(reply.status, kOk) << reply.message;
  EXPECT_THAT(Sizes(reply), ElementsAre(31'415, 9, 2'653, 58'979));
}

TEST_P(ConformanceTest, PingPong) {
  const auto first = Asking({31'415}, 27'182);
  const auto second = Asking({9}, 8);
  const auto third = Asking({2'653}, 1'828);
  const auto fourth = Asking({58'979}, 45'904);

  const Reply reply = caller_.Call(
      RequestOf("FullDuplexCall", {&first, &second, &third, &fourth}));

  EXPECT_EQ(reply.status, kOk) << reply.message;
  EXPECT_THAT(Sizes(reply), ElementsAre(31'415, 9, 2'653, 58'979));
}

TEST_P(ConformanceTest, EmptyStream) {
  const Reply reply = caller_.Call(RequestOf("FullDuplexCall", {}));

  EXPECT_EQ(reply.times_done, 1);
  EXPECT_EQ(reply.status, kOk) << reply.message;
  EXPECT_TRUE(reply.messages.empty());
}

TEST_P(ConformanceTest, TimeoutOnSleepingServer) {
  auto asking = Asking({1}, 27'182);
  asking.mutable_response_parameters(0)->set_interval_us(kLongMicroseconds);
  auto request = RequestOf("FullDuplexCall", {&asking});
  request.timeout = 50 * kMillisecond;

  const Reply reply = caller_.Call(request);

  EXPECT_EQ(reply.times_done, 1);
  EXPECT_EQ(reply.status,
            static_cast<int>(absl::StatusCode::kDeadlineExceeded));
  EXPECT_LT(reply.done - reply.sent, 5 * kSecond);
}

TEST_P(ConformanceTest, CancelAfterBegin) {
  const StreamingInputCallRequest empty;

  const Reply reply = caller_.Call(RequestOf("StreamingInputCall", {&empty}),
                                   [this] { caller_.Cancel(); });

  EXPECT_EQ(reply.times_done, 1);
  EXPECT_EQ(reply.status, static_cast<int>(absl::StatusCode::kCancelled));
}

TEST_P(ConformanceTest, CancelAfterFirstResponse) {
  auto asking = Asking({31'415, 1}, 27'182);
  asking.mutable_response_parameters(1)->set_interval_us(kLongMicroseconds);

  const Reply reply = caller_.Call(RequestOf("FullDuplexCall", {&asking}), {},
                                   [this] { caller_.Cancel(); });

  EXPECT_EQ(reply.times_done, 1);
  EXPECT_EQ(reply.status, static_cast<int>(absl::StatusCode::kCancelled));
  EXPECT_THAT(Sizes(reply), ElementsAre(31'415));
}

TEST_P(ConformanceTest, TheConnectionServesOnAfterACancelledCall) {
  const StreamingInputCallRequest empty;
  caller_.Call(RequestOf("StreamingInputCall", {&empty}),
               [this] { caller_.Cancel(); });

  const Reply reply =
      caller_.Call(RequestOf("EmptyCall", {&Empty::default_instance()}));

  EXPECT_EQ(reply.status, kOk) << reply.message;
}

TEST_P(ConformanceTest, StatusCodeAndMessage) {
  SimpleRequest unary;
  unary.mutable_response_status()->set_code(2);
  unary.mutable_response_status()->set_message("test status message");
  StreamingOutputCallRequest stream;
  *stream.mutable_response_status() = unary.response_status();

  const Reply of_unary = caller_.Call(RequestOf("UnaryCall", {&unary}));
  const Reply of_stream = caller_.Call(RequestOf("FullDuplexCall", {&stream}));

  EXPECT_EQ(of_unary.status, static_cast<int>(absl::StatusCode::kUnknown));
  EXPECT_EQ(of_unary.message, "test status message");
  EXPECT_EQ(of_stream.status, static_cast<int>(absl::StatusCode::kUnknown));
  EXPECT_EQ(of_stream.message, "test status message");
}

TEST_P(ConformanceTest, SpecialStatusMessage) {
  const std::string text =
      "\t\ntest with whitespace\r\nand Unicode BMP \u263A and non-BMP "
      "\U0001F608\t\n";
  SimpleRequest request;
  request.mutable_response_status()->set_code(2);
  request.mutable_response_status()->set_message(text);

  const Reply reply = caller_.Call(RequestOf("UnaryCall", {&request}));

  EXPECT_EQ(reply.status, static_cast<int>(absl::StatusCode::kUnknown));
  EXPECT_EQ(reply.message, text);
}

TEST_P(ConformanceTest, CustomMetadata) {
  const std::string binary = "\xab\xab\xab";
  const auto trailer =
      AllOf(Field(&drivers::Header::name, "x-grpc-test-echo-trailing-bin"),
            Field(&drivers::Header::value, binary));
  SimpleRequest unary;
  unary.set_response_size(kLargeResponse);
  unary.mutable_payload()->set_body(std::string(kLargeRequest, '\0'));
  const auto stream = Asking({kLargeResponse}, kLargeRequest);

  for (auto request : {RequestOf("UnaryCall", {&unary}),
                       RequestOf("FullDuplexCall", {&stream})}) {
    request.metadata = {
        {"x-grpc-test-echo-initial", "test_initial_metadata_value"},
        {"x-grpc-test-echo-trailing-bin", binary}};

    const Reply reply = caller_.Call(request);

    EXPECT_EQ(reply.status, kOk) << reply.message;
    EXPECT_EQ(reply.messages.size(), 1);
    EXPECT_THAT(reply.trailers, Contains(trailer));
  }
}

TEST_P(ConformanceTest, UnimplementedMethod) {
  const Reply reply = caller_.Call(
      RequestOf("UnimplementedCall", {&Empty::default_instance()}));

  EXPECT_EQ(reply.times_done, 1);
  EXPECT_EQ(reply.status, static_cast<int>(absl::StatusCode::kUnimplemented));
}

TEST_P(ConformanceTest, UnimplementedService) {
  auto request = RequestOf("UnimplementedCall", {&Empty::default_instance()});
  request.path = "/grpc.testing.UnimplementedService/UnimplementedCall";

  const Reply reply = caller_.Call(request);

  EXPECT_EQ(reply.times_done, 1);
  EXPECT_EQ(reply.status, static_cast<int>(absl::StatusCode::kUnimplemented));
}

// For the servers that can.
class CompressionConformanceTest : public ConformanceTest {};

TEST_P(CompressionConformanceTest, CompressedResponse) {
  SimpleRequest request;
  request.set_response_size(kLargeResponse);
  request.mutable_response_compressed()->set_value(true);

  const Reply reply = caller_.Call(RequestOf("UnaryCall", {&request}));

  EXPECT_EQ(reply.status, kOk) << reply.message;
  ASSERT_EQ(reply.messages.size(), 1);
  EXPECT_EQ(Parse<SimpleResponse>(reply.messages[0]).payload().body(),
            std::string(kLargeResponse, '\0'));
}

std::string NameOf(const ::testing::TestParamInfo<const char*>& info) {
  return info.param;
}

INSTANTIATE_TEST_SUITE_P(Servers, ConformanceTest,
                         ::testing::Values("cpp", "go", "node", "python"),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(Servers, CompressionConformanceTest,
                         ::testing::Values("cpp", "python"), NameOf);

}  // namespace
}  // namespace perfrig
