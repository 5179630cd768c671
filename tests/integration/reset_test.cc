// What a reset of the mock targets ends, empties and sets to zero, over real
// gRPC.
#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/time/delay_queue.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "perfrig/target/v1/cache.grpc.pb.h"
#include "perfrig/target/v1/classifier.grpc.pb.h"
#include "perfrig/target/v1/config.grpc.pb.h"
#include "perfrig/target/v1/connection_pool.grpc.pb.h"
#include "perfrig/target/v1/gateway.grpc.pb.h"
#include "server/targets/cache_target.h"
#include "server/targets/database.h"
#include "server/targets/script/elsewhere.h"
#include "tests/integration/targets_fixture.h"

namespace perfrig::targets {
namespace {

using ::testing::IsEmpty;

class ResetTest : public TargetsTest {
 protected:
  // A unary call that a thread waits for.
  template <class Stub, class Request, class Response>
  std::future<grpc::StatusCode> Start(
      Stub& stub,
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      const std::string& text) {
    return std::async(std::launch::async, [=, &stub] {
      grpc::ClientContext context;
      Response response;
      return (stub.*method)(&context, Parse<Request>(text), &response)
          .error_code();
    });
  }
  bool InFlight(const std::string& target, std::uint64_t calls) {
    return Eventually(
        [&] { return StatisticsOf(target).in_flight() == calls; });
  }
  // Of those that a reset has ended, however late they were to go.
  void ExpectNothingCounted(const std::string& target) {
    const v1::TargetStatistics statistics = StatisticsOf(target);
    EXPECT_EQ(statistics.started(), 0U) << target;
    EXPECT_EQ(statistics.in_flight(), 0U) << target;
    EXPECT_THAT(statistics.finished(), IsEmpty()) << target;
  }

  std::unique_ptr<api::Cache::Stub> cache_ = api::Cache::NewStub(channel_);
  std::unique_ptr<api::Classifier::Stub> classifier_ =
      api::Classifier::NewStub(channel_);
  std::unique_ptr<api::Config::Stub> config_ = api::Config::NewStub(channel_);
  std::unique_ptr<api::ConnectionPool::Stub> pool_ =
      api::ConnectionPool::NewStub(channel_);
  std::unique_ptr<api::Gateway::Stub> gateway_ =
      api::Gateway::NewStub(channel_);
};

TEST_F(ResetTest, EndsCallsThatWaitInATargetBehind) {
  Set("database", "delay { fixed { seconds: 600 } }");
  // The second waits for the first one's query.
  auto first = Start(*config_, &api::Config::Stub::Resolve, "tenant: 'a'");
  auto second = Start(*config_, &api::Config::Stub::Resolve, "tenant: 'a'");
  auto message = Start(*gateway_, &api::Gateway::Stub::SendMessage,
                       "tenant: 'a' user: 'b' text: 'c'");
  ASSERT_TRUE(InFlight("config", 2) && InFlight("database", 2));

  ASSERT_TRUE(host_.Reset("config").ok());
  ASSERT_TRUE(host_.Reset("gateway").ok());

  EXPECT_EQ(first.get(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(second.get(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(message.get(), grpc::StatusCode::UNAVAILABLE);
  ExpectNothingCounted("config");
  ExpectNothingCounted("gateway");
  EXPECT_TRUE(InFlight("database", 0));
}

TEST_F(ResetTest, OfAllLeavesNothingInAnyStatistics) {
  Set("database", "delay { fixed { seconds: 600 } }");
  Set("classifier", "delay { fixed { seconds: 600 } } capacity: 1");
  Set("cache", "cache { compute_delay { seconds: 600 } }");
  Set("connection_pool", "connection_pool { connections: 1 }");
  const std::string text = "tenant: 'a' text: 'b'";
  std::vector<std::future<grpc::StatusCode>> calls;
  calls.push_back(Start(*config_, &api::Config::Stub::Resolve, "tenant: 'a'"));
  calls.push_back(Start(*gateway_, &api::Gateway::Stub::SendMessage,
                        "tenant: 'a' user: 'b' text: 'c'"));
  calls.push_back(Start(*cache_, &api::Cache::Stub::GetOrCompute, "key: 'a'"));
  for (int i = 0; i < 2; ++i) {
    calls.push_back(
        Start(*classifier_, &api::Classifier::Stub::Classify, text));
    calls.push_back(Start(*pool_, &api::ConnectionPool::Stub::Use,
                          "wait { seconds: 600 } hold { seconds: 600 }"));
  }
  ASSERT_TRUE(InFlight("database", 2) && InFlight("classifier", 2) &&
              InFlight("cache", 1) && InFlight("connection_pool", 2));

  ASSERT_TRUE(host_.Reset("targets/-").ok());

  for (auto& call : calls) {
    EXPECT_EQ(call.get(), grpc::StatusCode::UNAVAILABLE);
  }
  for (const std::string& name : Host::Names()) ExpectNothingCounted(name);
}

TEST_F(ResetTest, EndsAStreamWhoseClientDoesNotRead) {
  Set("echo", "capacity: 1");
  grpc::ClientContext context;
  api::EchoRequest request;
  request.set_response_bytes(4'000'000);
  request.set_repeat(100);
  const auto stream = echo_->Expand(&context, request);
  ASSERT_TRUE(InFlight("echo", 1));
  api::EchoResponse message;
  ASSERT_TRUE(stream->Read(&message));

  ASSERT_TRUE(host_.Reset("echo").ok());

  ExpectNothingCounted("echo");
  Set("echo", "capacity: 1");
  api::EchoResponse response;
  EXPECT_TRUE(Echo("x", response).ok());
  while (stream->Read(&message)) {
  }
  EXPECT_FALSE(stream->Finish().ok());
}

TEST_F(ResetTest, OfATargetBehindLeavesSessionsOpen) {
  Set("database", "delay { fixed { seconds: 600 } }");
  grpc::ClientContext context;
  const auto session = gateway_->Session(&context);
  api::SessionResponse event;
  ASSERT_TRUE(session->Read(&event) && event.has_opened());
  const auto message =
      Parse<api::SendMessageRequest>("tenant: 'a' user: 'b' text: 'c'");
  ASSERT_TRUE(session->Write(message));
  ASSERT_TRUE(InFlight("database", 1));

  ASSERT_TRUE(host_.Reset("database").ok());

  ASSERT_TRUE(session->Read(&event));
  EXPECT_EQ(event.failure().status(), "UNAVAILABLE");
  ASSERT_TRUE(session->Write(message));
  ASSERT_TRUE(session->Read(&event));
  EXPECT_TRUE(event.has_answer());
  session->WritesDone();
  while (session->Read(&event)) {
  }
  EXPECT_TRUE(session->Finish().ok());
}

// Targets whose threads for long work the test keeps busy.
class ResetElsewhereTest : public ::testing::Test {
 protected:
  ResetElsewhereTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port);
    for (Target* const target : targets_) {
      target->Reset();
      builder.RegisterService(target->service());
    }
    server_ = builder.BuildAndStart();
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                   grpc::InsecureChannelCredentials());
    for (int i = 0; i < kMostThreads; ++i) {
      const auto wait = [until = until_] { until.wait(); };
      EXPECT_TRUE(elsewhere_.Post(wait).ok());
    }
  }
  ~ResetElsewhereTest() override {
    for (Target* const target : targets_) target->Shutdown();
    server_->Shutdown();
    elsewhere_.Join();
    delays_.reset();
  }

  void WaitForOneIn(Target& target) {
    while (target.Describe(false).statistics().in_flight() == 0) {
      clock_.SleepUntil(clock_.Now() + kMillisecond);
    }
  }
  void SetNoDelay(Target& target) {
    v1::UpdateBehaviorRequest request;
    request.mutable_behavior()->mutable_delay()->mutable_fixed();
    ASSERT_TRUE(target.Update(request, true).ok());
  }
  // Runs what waits there to its end.
  void FreeThreads() {
    std::promise<void> after;
    EXPECT_TRUE(elsewhere_.Post([&after] { after.set_value(); }).ok());
    release_.set_value();
    after.get_future().wait();
  }

  static constexpr int kMostThreads = 16;

  SystemClock clock_;
  std::unique_ptr<SystemDelayQueue> delays_ =
      std::make_unique<SystemDelayQueue>(clock_);
  Elsewhere elsewhere_;
  const TargetSetup setup_{clock_, *delays_, elsewhere_, false, {}};
  DatabaseTarget database_{setup_, ""};
  CacheTarget cache_{setup_, std::nullopt};
  const std::vector<Target*> targets_{&database_, &cache_};
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::promise<void> release_;
  std::shared_future<void> until_ = release_.get_future().share();
};

TEST_F(ResetElsewhereTest, WhatABatchFromBeforeWritesIsNotThere) {
  SetNoDelay(database_);
  const auto stub = api::Database::NewStub(channel_);
  api::BatchRequest request;
  // More than are written at once.
  for (int i = 0; i < 100; ++i) {
    request.add_statements()->mutable_execute()->mutable_put()->set_key(
        std::to_string(i));
  }
  auto call = std::async(std::launch::async, [&] {
    grpc::ClientContext context;
    api::BatchResponse response;
    return stub->Batch(&context, request, &response).error_code();
  });
  WaitForOneIn(database_);

  database_.Reset();
  FreeThreads();

  EXPECT_EQ(call.get(), grpc::StatusCode::UNAVAILABLE);
  const v1::Target now = database_.Describe(false);
  EXPECT_EQ(now.state().fields().at("written_rows").number_value(), 0);
  EXPECT_EQ(now.statistics().started(), 0U);
}

TEST_F(ResetElsewhereTest, WhatAPutFromBeforeBringsIsNotThere) {
  const auto stub = api::Cache::NewStub(channel_);
  api::CachePutRequest request;
  request.set_key("a");
  request.set_value(std::string(100'000, 'x'));
  auto call = std::async(std::launch::async, [&] {
    grpc::ClientContext context;
    api::CachePutResponse response;
    return stub->Put(&context, request, &response).error_code();
  });
  WaitForOneIn(cache_);

  cache_.Reset();
  FreeThreads();

  EXPECT_EQ(call.get(), grpc::StatusCode::UNAVAILABLE);
  grpc::ClientContext context;
  api::CacheGetRequest get;
  get.set_key("a");
  api::CacheGetResponse response;
  ASSERT_TRUE(stub->Get(&context, get, &response).ok());
  EXPECT_FALSE(response.found());
}

}  // namespace
}  // namespace perfrig::targets
