#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/targets_fixture.h"

namespace perfrig::targets {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST_F(TargetsTest, TwoHundredCallsShareTwentyConnections) {
  // Long, so that the queue grows however slowly the callers come.
  Set("database", "delay { fixed { nanos: 100000000 } }");
  std::atomic<int> ok = 0;
  std::vector<std::thread> callers;
  callers.reserve(200);
  const Nanos start = clock_.Now();

  for (int i = 0; i < 200; ++i) {
    callers.emplace_back([&] {
      grpc::ClientContext context;
      api::QueryResponse response;
      if (database_->Query(&context, {}, &response).ok()) ++ok;
    });
  }
  for (std::thread& caller : callers) caller.join();

  EXPECT_EQ(ok, 200);
  EXPECT_GE(clock_.Now() - start, kSecond);
  const auto statistics = StatisticsOf("database");
  EXPECT_GE(statistics.phases().at("queue").max_ns(), 100 * kMillisecond);
  EXPECT_EQ(statistics.phases().at("queue").count(), 200);
  EXPECT_EQ(statistics.in_flight(), 0);
}

TEST_F(TargetsTest, AnOutageBeginsAnewOnlyWhenItIsAskedForAgain) {
  const auto fails = [this] {
    return EchoCode() == grpc::StatusCode::UNAVAILABLE;
  };
  const std::string outage = "outage { duration { nanos: 300000000 } } ";
  Set("echo", outage);
  EXPECT_TRUE(fails());
  // As others may well do all the time.
  EXPECT_TRUE(Eventually([&] {
    Set("echo", "capacity: 100");
    return !fails();
  }));

  Set("echo", outage);
  EXPECT_TRUE(fails());
}

TEST_F(TargetsTest, AHangingCallEndsWithItsDeadlineAndIsGone) {
  Set("echo", "faults { rate: 1 hang: true }");
  api::EchoResponse response;

  const grpc::Status status =
      Echo("x", response, {}, std::chrono::milliseconds(50));

  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(
      Eventually([&] { return StatisticsOf("echo").in_flight() == 0; }));
  EXPECT_THAT(StatisticsOf("echo").finished(),
              ElementsAre(Pair("DEADLINE_EXCEEDED", 1)));
}

TEST_F(TargetsTest, ACancelledCallFreesItsConnection) {
  Set("database", "delay { fixed { seconds: 600 } } capacity: 1");
  grpc::ClientContext first;
  std::thread caller([&] {
    api::QueryResponse response;
    EXPECT_EQ(database_->Query(&first, {}, &response).error_code(),
              grpc::StatusCode::CANCELLED);
  });
  ASSERT_TRUE(
      Eventually([&] { return StatisticsOf("database").in_flight() == 1; }));
  Set("database", "delay { fixed {} }");

  first.TryCancel();
  caller.join();
  grpc::ClientContext second;
  second.set_deadline(
      absl::ToChronoTime(clock_.WallTime() + absl::Seconds(20)));
  api::QueryResponse response;

  EXPECT_TRUE(database_->Query(&second, {}, &response).ok());
}

TEST_F(TargetsTest, AnOutageFailsCalls) {
  Set("echo", "outage { duration { seconds: 600 } status: 'ABORTED' }");
  EXPECT_EQ(EchoCode(), grpc::StatusCode::ABORTED);

  v1::UpdateBehaviorRequest clear;
  clear.set_name("echo");
  clear.mutable_update_mask()->add_paths("outage");
  ASSERT_TRUE(host_.Update(clear).ok());

  EXPECT_EQ(EchoCode(), grpc::StatusCode::OK);
}

TEST_F(TargetsTest, AStallHoldsAnswersBack) {
  Set("echo",
      "stall { every { nanos: 100000000 } duration { nanos: 90000000 } }");
  const Nanos start = clock_.Now();

  // One of two in a row meets the stall, wherever it began.
  EXPECT_TRUE(EchoCode() == grpc::StatusCode::OK);
  clock_.SleepUntil(start + 30 * kMillisecond);
  EXPECT_TRUE(EchoCode() == grpc::StatusCode::OK);

  EXPECT_TRUE(Eventually([&] {
    EchoCode();
    return StatisticsOf("echo").faults().count("stall") > 0;
  }));
}

TEST_F(TargetsTest, ADropBreaksAStreamAfterItsFirstMessage) {
  Set("echo", "faults { rate: 1 drop: true }");
  grpc::ClientContext context;
  api::EchoRequest request;
  request.set_repeat(5);
  const auto reader = echo_->Expand(&context, request);
  api::EchoResponse response;
  int messages = 0;

  while (reader->Read(&response)) ++messages;

  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(messages, 1);
  EXPECT_EQ(EchoCode(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(StatisticsOf("echo").faults(), ElementsAre(Pair("drop", 2)));
}

TEST_F(TargetsTest, ACallMayAskForItsOwnDelayAndFault) {
  const Nanos start = clock_.Now();

  EXPECT_EQ(EchoCode({{"perfrig-delay", "30ms"}}), grpc::StatusCode::OK);
  EXPECT_GE(clock_.Now() - start, 30 * kMillisecond);
  EXPECT_EQ(EchoCode({{"perfrig-fault", "DATA_LOSS"}}),
            grpc::StatusCode::DATA_LOSS);
  for (const char* delay : {"", "5", "-1ms", "2h", "inf", "soon"}) {
    api::EchoResponse response;
    const grpc::Status status = Echo("x", response, {{"perfrig-delay", delay}});
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(),
                HasSubstr("perfrig-delay: must be a time from 0 to 1h"));
  }
  EXPECT_EQ(EchoCode({{"perfrig-fault", "OK"}}),
            grpc::StatusCode::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace perfrig::targets
