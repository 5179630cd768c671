// That what takes long is done on no thread that others wait for: the delay
// queue's. Measured in processor time, which a busy machine does not change.
#include <grpcpp/grpcpp.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/time/clock.h"
#include "common/time/delay_queue.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "perfrig/target/v1/cache.grpc.pb.h"
#include "perfrig/target/v1/database.grpc.pb.h"
#include "perfrig/target/v1/echo.grpc.pb.h"
#include "perfrig/target/v1/orchestrator.grpc.pb.h"
#include "perfrig/target/v1/template.grpc.pb.h"
#include "server/targets/cache_target.h"
#include "server/targets/database.h"
#include "server/targets/echo.h"
#include "server/targets/object_store.h"
#include "server/targets/orchestrator.h"
#include "server/targets/template.h"

namespace perfrig::targets {
namespace {

namespace api = target::v1;

Nanos ThreadTime() {
  rusage used{};
  getrusage(RUSAGE_THREAD, &used);
  const auto nanos = [](const timeval& time) {
    return time.tv_sec * kSecond + time.tv_usec * kMicrosecond;
  };
  return nanos(used.ru_utime) + nanos(used.ru_stime);
}

// Knows how long its callbacks take at most.
class MeasuringQueue final : public DelayQueue {
 public:
  explicit MeasuringQueue(const Clock& clock) : queue_(clock) {}

  Handle Schedule(Nanos due, Callback callback) override {
    auto shared = std::make_shared<Callback>(std::move(callback));
    return queue_.Schedule(due, [this, shared] {
      const Nanos began = ThreadTime();
      (*shared)();
      longest_ = std::max(+longest_, ThreadTime() - began);
    });
  }
  bool Cancel(Handle handle) override { return queue_.Cancel(handle); }

  // Of those until now, once they have ended.
  Nanos Longest() {
    std::promise<void> ended;
    queue_.Schedule(0, [&ended] { ended.set_value(); });
    ended.get_future().wait();
    return longest_;
  }

 private:
  // Of the queue's thread.
  std::atomic<Nanos> longest_ = 0;
  SystemDelayQueue queue_;
};

class LightTimersTest : public ::testing::Test {
 protected:
  LightTimersTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port);
    builder.SetMaxReceiveMessageSize(-1);
    for (Target* const target : targets_) {
      target->Reset();
      builder.RegisterService(target->service());
    }
    server_ = builder.BuildAndStart();
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    channel_ = grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port),
                                         grpc::InsecureChannelCredentials(),
                                         arguments);
  }
  ~LightTimersTest() override {
    for (Target* const target : targets_) target->Shutdown();
    server_->Shutdown();
    elsewhere_.Join();
    delays_.reset();
  }

  void Set(Target& target, const std::string& behavior) {
    v1::UpdateBehaviorRequest request;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
        behavior, request.mutable_behavior()));
    ASSERT_TRUE(target.Update(request, true).ok());
  }
  template <class Stub, class Request, class Response>
  grpc::Status Call(const std::unique_ptr<Stub>& stub,
                    grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                 const Request&, Response*),
                    const Request& request, Response& response) {
    grpc::ClientContext context;
    return (stub.get()->*method)(&context, request, &response);
  }

  SystemClock clock_;
  std::unique_ptr<MeasuringQueue> delays_ =
      std::make_unique<MeasuringQueue>(clock_);
  Elsewhere elsewhere_;
  const TargetSetup setup_{clock_, *delays_, elsewhere_, false, {}};
  EchoTarget echo_{setup_};
  CacheTarget cache_{setup_, std::nullopt};
  DatabaseTarget database_{setup_, ""};
  ObjectStoreTarget objects_{setup_, 4U << 20, nullptr};
  OrchestratorTarget orchestrator_{setup_};
  TemplateTarget template_{setup_, database_, objects_};
  const std::vector<Target*> targets_{&echo_,    &cache_,        &database_,
                                      &objects_, &orchestrator_, &template_};
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

// Each test's work takes several times as long.
constexpr Nanos kShort = 3 * kMillisecond;

TEST_F(LightTimersTest, ManyRowsAreMadeElsewhere) {
  const auto stub = api::Database::NewStub(channel_);
  api::BatchRequest request;
  for (int i = 0; i < 10; ++i) {
    request.add_statements()->mutable_query()->set_limit(1'000);
  }
  api::BatchResponse response;

  const grpc::Status status =
      Call(stub, &api::Database::Stub::Batch, request, response);

  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.results(9).query().rows_size(), 1'000);
  EXPECT_LT(delays_->Longest(), kShort);
}

TEST_F(LightTimersTest, WhatWasDeletedTakesNoTimeToPass) {
  Set(database_, "delay { fixed { nanos: 1000000 } }");
  const auto stub = api::Database::NewStub(channel_);
  for (int i = 0; i < 90; ++i) {
    api::BatchRequest batch;
    for (int j = 0; j < 1'000; ++j) {
      batch.add_statements()->mutable_execute()->set_delete_(
          absl::StrCat(absl::Dec(1'000 * i + j, absl::kZeroPad8)));
    }
    api::BatchResponse deleted;
    ASSERT_TRUE(Call(stub, &api::Database::Stub::Batch, batch, deleted).ok());
  }
  const Nanos before = delays_->Longest();
  api::QueryRequest request;
  request.set_limit(1);
  api::QueryResponse response;

  const grpc::Status status =
      Call(stub, &api::Database::Stub::Query, request, response);

  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.rows_size(), 1);
  EXPECT_EQ(response.rows(0).key(), "00090000");
  EXPECT_LT(before, kShort);
  EXPECT_LT(delays_->Longest(), kShort);
}

TEST_F(LightTimersTest, TemplatesAreRenderedElsewhere) {
  Set(template_, "delay { fixed { nanos: 1000000 } }");
  const auto stub = api::Template::NewStub(channel_);
  api::RenderRequest request;
  // Goes on until the limit.
  std::string text = "x";
  for (int i = 0; i < 6; ++i) text = absl::StrCat("{{#L}}", text, "{{/L}}");
  request.set_text(text);
  auto& list = *(*request.mutable_variables()->mutable_fields())["L"]
                    .mutable_list_value();
  for (int i = 0; i < 100; ++i) list.add_values()->mutable_struct_value();
  Set(template_, "template { output_bytes: 100000000 }");
  api::RenderResponse response;

  const grpc::Status status =
      Call(stub, &api::Template::Stub::Render, request, response);

  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED)
      << status.error_message();
  EXPECT_LT(delays_->Longest(), kShort);
}

TEST_F(LightTimersTest, LargeValuesAreMadeKeptAndReadElsewhere) {
  // What is asked for again comes from the second tier.
  Set(cache_,
      "delay { fixed { nanos: 1000000 } } cache { l1_bytes: 1000000 "
      "encrypt: true }");
  const auto stub = api::Cache::NewStub(channel_);
  api::GetOrComputeRequest request;
  request.set_key("a");
  request.set_value_bytes(16U << 20);
  api::GetOrComputeResponse response;
  api::CachePutRequest put;
  put.set_key("b");
  put.set_value(std::string(16U << 20, 'x'));
  api::CachePutResponse kept;
  api::CacheGetRequest get;
  get.set_key("b");
  api::CacheGetResponse found;

  for (int i = 0; i < 2; ++i) {
    const grpc::Status status =
        Call(stub, &api::Cache::Stub::GetOrCompute, request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.value().size(), 16U << 20);
  }
  EXPECT_TRUE(Call(stub, &api::Cache::Stub::Put, put, kept).ok());
  EXPECT_TRUE(Call(stub, &api::Cache::Stub::Get, get, found).ok());

  EXPECT_LT(delays_->Longest(), kShort);
}

TEST_F(LightTimersTest, LongPromptsAreReadElsewhere) {
  // The second chat begins on the thread of the delays.
  Set(orchestrator_, "delay { fixed { nanos: 1000000 } } capacity: 1");
  const auto stub = api::Orchestrator::NewStub(channel_);
  api::ChatRequest request;
  request.add_messages()->set_text(std::string(999'000, 'a'));
  for (int i = 0; i < 100; ++i) {
    request.add_tools()->set_name(std::string(120, 'a') + absl::StrCat("b", i));
  }
  std::vector<std::future<grpc::Status>> chats;
  for (int i = 0; i < 4; ++i) {
    chats.push_back(std::async(std::launch::async, [&] {
      api::ChatResponse response;
      return Call(stub, &api::Orchestrator::Stub::Chat, request, response);
    }));
  }

  for (auto& chat : chats) {
    const grpc::Status status = chat.get();
    EXPECT_TRUE(status.ok()) << status.error_message();
  }

  EXPECT_LT(delays_->Longest(), kShort);
}

TEST_F(LightTimersTest, LongTextsAreEchoedElsewhere) {
  Set(echo_, "delay { fixed { nanos: 1000000 } }");
  const auto stub = api::Echo::NewStub(channel_);
  api::EchoRequest request;
  request.set_text(std::string(60U << 20, 'x'));
  api::EchoResponse response;

  const grpc::Status status =
      Call(stub, &api::Echo::Stub::Call, request, response);

  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_LT(delays_->Longest(), kShort);
}

TEST_F(LightTimersTest, LargeEchoesAreMadeElsewhere) {
  Set(echo_, "delay { fixed { nanos: 1000000 } } bytes_per_second: 1e10");
  const auto stub = api::Echo::NewStub(channel_);
  api::EchoRequest request;
  request.set_response_bytes(64U << 20);
  api::EchoResponse response;

  const grpc::Status status =
      Call(stub, &api::Echo::Stub::Call, request, response);

  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.payload().size(), 64U << 20);
  EXPECT_LT(delays_->Longest(), kShort);
}

}  // namespace
}  // namespace perfrig::targets
