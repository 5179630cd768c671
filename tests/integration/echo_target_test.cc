#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/targets_fixture.h"

namespace perfrig::targets {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::StartsWith;

TEST_F(TargetsTest, OnlyASmallEchoIsAnsweredWhereItArrives) {
  api::EchoRequest request;
  api::EchoResponse response;
  request.set_text("x");
  ASSERT_TRUE(Call(*echo_, &api::Echo::Stub::Call, request, response).ok());
  EXPECT_EQ(phases_, "");

  request.set_response_bytes(1U << 20);
  ASSERT_TRUE(Call(*echo_, &api::Echo::Stub::Call, request, response).ok());

  EXPECT_EQ(response.payload().size(), 1U << 20);
  EXPECT_NE(phases_, "");
}

TEST_F(TargetsTest, EchoAnswersWhatItIsSent) {
  api::EchoResponse response;

  EXPECT_TRUE(Echo("hello", response).ok());

  EXPECT_EQ(response.text(), "hello");
  EXPECT_THAT(StatisticsOf("echo").finished(), ElementsAre(Pair("OK", 1)));
}

TEST_F(TargetsTest, EchoTellsWhichFieldIsWrong) {
  api::EchoRequest request;
  request.set_response_bytes(65U << 20);
  api::EchoResponse response;
  grpc::ClientContext context;

  const grpc::Status status = echo_->Call(&context, request, &response);

  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(),
            "response_bytes: must be 0 to 67108864, got 68157440");
  EXPECT_THAT(StatisticsOf("echo").finished(),
              ElementsAre(Pair("INVALID_ARGUMENT", 1)));
}

TEST_F(TargetsTest, EchoCollectsAllMessages) {
  grpc::ClientContext context;
  api::EchoResponse response;
  const auto writer = echo_->Collect(&context, &response);
  api::EchoRequest request;

  for (const char* text : {"a", "b", "c"}) {
    request.set_text(text);
    EXPECT_TRUE(writer->Write(request));
  }
  writer->WritesDone();

  EXPECT_TRUE(writer->Finish().ok());
  EXPECT_EQ(response.text(), "abc");
  EXPECT_EQ(response.index(), 3);
}

TEST_F(TargetsTest, EchoExpandsAtTheGapThatWasAskedFor) {
  grpc::ClientContext context;
  api::EchoRequest request;
  request.set_text("x");
  request.set_repeat(5);
  request.set_gap_us(10'000);
  const Nanos start = clock_.Now();
  const auto reader = echo_->Expand(&context, request);
  api::EchoResponse response;
  std::vector<std::uint32_t> indexes;

  while (reader->Read(&response)) indexes.push_back(response.index());

  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_THAT(indexes, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_GE(clock_.Now() - start, 40 * kMillisecond);
  EXPECT_THAT(TrailerOf(context, "perfrig-phases"), StartsWith("gap="));
}

TEST_F(TargetsTest, EchoChatsMessageByMessage) {
  Set("echo", "delay { fixed { nanos: 5000000 } }");
  grpc::ClientContext context;
  const auto stream = echo_->Chat(&context);
  api::EchoRequest request;
  api::EchoResponse response;

  for (std::uint32_t i = 0; i < 3; ++i) {
    request.set_text("message " + std::to_string(i));
    ASSERT_TRUE(stream->Write(request));
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.text(), request.text());
    EXPECT_EQ(response.index(), i);
  }
  stream->WritesDone();

  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(StatisticsOf("echo").injected().count(), 3);
}

TEST_F(TargetsTest, AResetEndsStreamsThatWaitForTheirClient) {
  grpc::ClientContext collecting;
  api::EchoResponse collected;
  const auto collect = echo_->Collect(&collecting, &collected);
  grpc::ClientContext chatting;
  const auto chat = echo_->Chat(&chatting);
  ASSERT_TRUE(
      Eventually([&] { return StatisticsOf("echo").in_flight() == 2; }));

  ASSERT_TRUE(host_.Reset("echo").ok());

  EXPECT_EQ(collect->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(chat->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(TargetsTest, AStreamThatIsCancelledIsOver) {
  {
    grpc::ClientContext context;
    const auto stream = echo_->Chat(&context);
    api::EchoRequest request;
    api::EchoResponse response;
    ASSERT_TRUE(stream->Write(request));
    ASSERT_TRUE(stream->Read(&response));
    context.TryCancel();
    stream->Finish();
  }

  EXPECT_TRUE(
      Eventually([&] { return StatisticsOf("echo").in_flight() == 0; }));
  EXPECT_THAT(StatisticsOf("echo").finished(),
              ElementsAre(Pair("CANCELLED", 1)));
}

}  // namespace
}  // namespace perfrig::targets
