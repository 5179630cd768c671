// The mock targets over real gRPC, in this process. Bounds on times are
// generous: what is exact is tested with a fake clock.
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "perfrig/target/v1/database.grpc.pb.h"
#include "perfrig/target/v1/echo.grpc.pb.h"
#include "perfrig/target/v1/object_store.grpc.pb.h"
#include "server/targets/host.h"

namespace perfrig::targets {
namespace {

namespace api = target::v1;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::StartsWith;

constexpr char kSha256OfHello[] =
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

class TargetsTest : public ::testing::Test {
 protected:
  explicit TargetsTest(HostOptions options = Allowing())
      : host_(clock_, std::move(options)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port_);
    builder.SetMaxReceiveMessageSize(-1);
    for (grpc::Service* service : host_.services()) {
      builder.RegisterService(service);
    }
    server_ = builder.BuildAndStart();
    const auto channel =
        grpc::CreateChannel("127.0.0.1:" + std::to_string(port_),
                            grpc::InsecureChannelCredentials());
    echo_ = api::Echo::NewStub(channel);
    database_ = api::Database::NewStub(channel);
    objects_ = api::ObjectStore::NewStub(channel);
  }
  ~TargetsTest() override {
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

  grpc::Status Echo(
      const std::string& text, api::EchoResponse& response,
      const std::map<std::string, std::string>& metadata = {},
      std::chrono::milliseconds deadline = std::chrono::seconds(30)) {
    grpc::ClientContext context;
    context.set_deadline(
        absl::ToChronoTime(clock_.WallTime() + absl::FromChrono(deadline)));
    for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
    api::EchoRequest request;
    request.set_text(text);
    return echo_->Call(&context, request, &response);
  }
  grpc::StatusCode EchoCode(
      const std::map<std::string, std::string>& metadata = {}) {
    api::EchoResponse response;
    return Echo("x", response, metadata).error_code();
  }

  grpc::Status Put(const std::string& key, const std::string& content,
                   api::ObjectInfo& info, const std::string& sha256 = "") {
    grpc::ClientContext context;
    const auto writer = objects_->PutObject(&context, &info);
    api::PutObjectRequest part;
    part.mutable_header()->set_key(key);
    part.mutable_header()->set_sha256(sha256);
    bool open = writer->Write(part);
    constexpr std::size_t kChunk = 100'000;
    for (std::size_t at = 0; open && at < content.size(); at += kChunk) {
      part.set_chunk(content.substr(at, kChunk));
      open = writer->Write(part);
    }
    writer->WritesDone();
    return writer->Finish();
  }
  grpc::Status Get(const std::string& key, std::uint64_t offset,
                   std::uint64_t length, std::string& content) {
    grpc::ClientContext context;
    api::GetObjectRequest request;
    request.set_key(key);
    request.set_offset(offset);
    request.set_length(length);
    const auto reader = objects_->GetObject(&context, request);
    api::GetObjectResponse part;
    while (reader->Read(&part)) content += part.chunk();
    return reader->Finish();
  }

  SystemClock clock_;
  Host host_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<api::Echo::Stub> echo_;
  std::unique_ptr<api::Database::Stub> database_;
  std::unique_ptr<api::ObjectStore::Stub> objects_;
};

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

TEST_F(TargetsTest, DatabaseTakesTwentyMillisecondsAQuery) {
  grpc::ClientContext context;
  api::QueryRequest request;
  request.set_key("user-1");
  api::QueryResponse response;
  const Nanos start = clock_.Now();

  EXPECT_TRUE(database_->Query(&context, request, &response).ok());

  EXPECT_GE(clock_.Now() - start, 20 * kMillisecond);
  ASSERT_EQ(response.rows_size(), 1);
  EXPECT_EQ(response.rows(0).key(), "user-1");
  EXPECT_THAT(TrailerOf(context, "perfrig-phases"),
              StartsWith("queue=0,work=2"));
}

TEST_F(TargetsTest, DatabaseKeepsWhatIsWrittenUntilItIsReset) {
  Set("database", "delay { fixed {} }");
  const auto apply = [&](const std::string& statements) {
    api::TransactionRequest request;
    EXPECT_TRUE(
        google::protobuf::TextFormat::ParseFromString(statements, &request));
    api::TransactionResponse response;
    grpc::ClientContext context;
    EXPECT_TRUE(database_->Transaction(&context, request, &response).ok());
    return response;
  };

  const auto written = apply(R"(
      statements { execute { put { key: "00000001a"
          columns { key: "name" value: "Ada" } } } }
      statements { execute { delete: "00000002" } }
      statements { query { from: "00000001" to: "00000004" } })");
  ASSERT_EQ(written.results_size(), 3);
  EXPECT_EQ(written.results(1).execute().rows_changed(), 1);
  std::vector<std::string> keys;
  for (const auto& row : written.results(2).query().rows()) {
    keys.push_back(row.key());
  }
  EXPECT_THAT(keys, ElementsAre("00000001", "00000001a", "00000003"));
  ASSERT_TRUE(host_.Reset("targets/database").ok());
  Set("database", "delay { fixed {} }");

  const auto fresh =
      apply(R"(statements { query { from: "00000001" to: "00000004" } })");
  EXPECT_EQ(fresh.results(0).query().rows_size(), 3);
  EXPECT_EQ(fresh.results(0).query().rows(0).DebugString(),
            written.results(2).query().rows(0).DebugString());
}

TEST_F(TargetsTest, ATransactionIsDelayedForEachStatementABatchOnce) {
  const auto took = [&](const auto& call) {
    const Nanos start = clock_.Now();
    EXPECT_TRUE(call().ok());
    return clock_.Now() - start;
  };
  api::TransactionRequest transaction;
  api::BatchRequest batch;
  for (int i = 0; i < 5; ++i) {
    transaction.add_statements()->mutable_query()->set_key("k");
    batch.add_statements()->mutable_query()->set_key("k");
  }

  const Nanos five = took([&] {
    grpc::ClientContext context;
    api::TransactionResponse response;
    return database_->Transaction(&context, transaction, &response);
  });
  const Nanos one = took([&] {
    grpc::ClientContext context;
    api::BatchResponse response;
    return database_->Batch(&context, batch, &response);
  });

  EXPECT_GE(five, 100 * kMillisecond);
  EXPECT_GE(one, 20 * kMillisecond);
  EXPECT_EQ(StatisticsOf("database").injected().max_ns(), 100 * kMillisecond);
  EXPECT_EQ(StatisticsOf("database").injected().min_ns(), 20 * kMillisecond);
}

TEST_F(TargetsTest, DatabaseTellsWhichFieldIsWrong) {
  const auto message = [&](const std::string& text) {
    api::BatchRequest request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request));
    api::BatchResponse response;
    grpc::ClientContext context;
    const grpc::Status status = database_->Batch(&context, request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    return status.error_message();
  };

  EXPECT_EQ(message(""), "statements: must be 1 to 1000, got 0");
  EXPECT_EQ(message("statements {}"),
            "statements[0].kind: needs query or execute");
  EXPECT_EQ(message("statements { query { limit: 1001 } }"),
            "statements[0].limit: must be 1 to 1000, got 1001");
  EXPECT_THAT(message("statements { query { table: 'a;drop' } }"),
              HasSubstr("table: must match"));
  EXPECT_THAT(message("statements { query { key: 'a' from: 'b' } }"),
              HasSubstr("key: must not be set together with from or to"));
  EXPECT_THAT(message("statements { query { from: 'b' to: 'a' } }"),
              HasSubstr("from: must be <= to"));
  EXPECT_THAT(message("statements { execute { put {} } }"),
              HasSubstr("put.key: must have 1 to 1024 bytes, got 0"));
}

TEST_F(TargetsTest, TwoHundredCallsShareTwentyConnections) {
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
  EXPECT_GE(clock_.Now() - start, 200 * kMillisecond);
  const auto statistics = StatisticsOf("database");
  EXPECT_GE(statistics.phases().at("queue").max_ns(), 100 * kMillisecond);
  EXPECT_EQ(statistics.phases().at("queue").count(), 200);
  EXPECT_EQ(statistics.in_flight(), 0);
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

TEST_F(TargetsTest, AnObjectComesBackAsItWent) {
  const std::string content(300'000, 'z');
  api::ObjectInfo info;
  ASSERT_TRUE(Put("a/b", content, info).ok());
  std::string whole;
  std::string part;

  EXPECT_TRUE(Get("a/b", 0, 0, whole).ok());
  EXPECT_TRUE(Get("a/b", 299'990, 100, part).ok());

  EXPECT_EQ(info.size_bytes(), content.size());
  EXPECT_EQ(whole, content);
  EXPECT_EQ(part, "zzzzzzzzzz");
  std::string none;
  EXPECT_EQ(Get("a/b", 300'001, 0, none).error_code(),
            grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(Get("c", 0, 0, none).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Get("", 0, 0, none).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(TargetsTest, AnObjectIsCheckedAgainstItsDigest) {
  api::ObjectInfo info;

  EXPECT_TRUE(Put("good", "hello", info, kSha256OfHello).ok());
  EXPECT_EQ(info.sha256(), kSha256OfHello);
  EXPECT_EQ(Put("bad", "hallo", info, kSha256OfHello).error_code(),
            grpc::StatusCode::DATA_LOSS);
  EXPECT_EQ(Put("bad", "hello", info, "abc").error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);

  grpc::ClientContext context;
  api::HeadObjectRequest head;
  head.set_key("bad");
  EXPECT_EQ(objects_->HeadObject(&context, head, &info).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(TargetsTest, ObjectsAreListedPageByPage) {
  Set("object_store", "delay { fixed {} }");
  api::ObjectInfo info;
  for (const char* key : {"b/2", "a/1", "b/1", "b/3", "c"}) {
    ASSERT_TRUE(Put(key, "x", info).ok());
  }
  api::ListObjectsRequest request;
  request.set_prefix("b/");
  request.set_page_size(2);
  std::vector<std::string> keys;

  do {
    grpc::ClientContext context;
    api::ListObjectsResponse page;
    ASSERT_TRUE(objects_->ListObjects(&context, request, &page).ok());
    for (const auto& object : page.objects()) keys.push_back(object.key());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());

  EXPECT_THAT(keys, ElementsAre("b/1", "b/2", "b/3"));
  grpc::ClientContext context;
  api::ListObjectsResponse page;
  request.set_page_token("?");
  EXPECT_EQ(objects_->ListObjects(&context, request, &page).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(TargetsTest, TheStoreNeverHoldsMoreThanItMay) {
  api::ObjectInfo info;
  ASSERT_TRUE(Put("first", std::string(3'000'000, 'x'), info).ok());

  const grpc::Status full = Put("second", std::string(3'000'000, 'x'), info);
  EXPECT_EQ(full.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(full.error_message(), HasSubstr("at most 4194304 bytes"));
  grpc::ClientContext context;
  api::DeleteObjectRequest request;
  request.set_key("first");
  api::DeleteObjectResponse response;
  ASSERT_TRUE(objects_->DeleteObject(&context, request, &response).ok());
  EXPECT_TRUE(response.deleted());
  EXPECT_TRUE(Eventually([&] {
    return host_.Get("object_store")
               ->state()
               .fields()
               .at("bytes")
               .number_value() == 0;
  }));

  EXPECT_TRUE(Put("second", std::string(3'000'000, 'x'), info).ok());
}

TEST_F(TargetsTest, AnUploadInOrderOnly) {
  grpc::ClientContext context;
  api::ObjectInfo info;
  const auto writer = objects_->PutObject(&context, &info);
  api::PutObjectRequest part;
  part.set_chunk("x");
  writer->Write(part);
  writer->WritesDone();

  const grpc::Status status = writer->Finish();

  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "header: must come first");
}

TEST_F(TargetsTest, BytesTakeTheirTimeAtTheBandwidth) {
  Set("object_store", "delay { fixed {} } bytes_per_second: 1e6");
  api::ObjectInfo info;
  const Nanos start = clock_.Now();
  ASSERT_TRUE(Put("slow", std::string(100'000, 'x'), info).ok());
  const Nanos uploaded = clock_.Now();
  std::string content;

  ASSERT_TRUE(Get("slow", 0, 0, content).ok());

  EXPECT_GE(uploaded - start, 100 * kMillisecond);
  EXPECT_GE(clock_.Now() - uploaded, 100 * kMillisecond);
}

TEST_F(TargetsTest, ABehaviorIsRefusedAsAWhole) {
  v1::UpdateBehaviorRequest request;
  request.set_name("targets/echo");
  request.mutable_behavior()->set_capacity(5);
  request.mutable_behavior()->set_load_factor(
      std::numeric_limits<double>::quiet_NaN());
  request.mutable_behavior()->add_faults()->set_rate(1e12);

  const auto refused = host_.Update(request);

  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  const std::string message(refused.status().message());
  EXPECT_THAT(message, HasSubstr("behavior.load_factor: "));
  EXPECT_THAT(message, HasSubstr("behavior.faults[0].rate: "));
  EXPECT_FALSE(host_.Get("echo")->behavior().has_capacity());
  EXPECT_FALSE(host_.Get("echo")->changed());
}

TEST_F(TargetsTest, OnlyAChangeByHandMarksTheTarget) {
  v1::UpdateBehaviorRequest request;
  request.set_name("targets/database");
  request.mutable_behavior()->set_capacity(5);

  EXPECT_FALSE(host_.Update(request, /*by_hand=*/false)->changed());
  EXPECT_TRUE(host_.Update(request)->changed());
  EXPECT_EQ(host_.Get("database")->behavior().delay().fixed().nanos(),
            20 * kMillisecond);
  ASSERT_TRUE(host_.Reset("targets/-").ok());

  EXPECT_FALSE(host_.Get("database")->changed());
  EXPECT_EQ(host_.Get("database")->behavior().capacity(), 20);
}

TEST_F(TargetsTest, AnUnknownTargetSuggestsTheNearest) {
  const absl::Status status = host_.Get("targets/databse").status();

  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(std::string(status.message()),
            "no target \"databse\" (did you mean database?)");
  EXPECT_EQ(host_.Reset("x").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(TargetsTest, CountsAddUpWhileBehaviorChangesUnderLoad) {
  std::atomic<bool> ends = false;
  std::vector<std::thread> callers;
  callers.reserve(8);
  for (int t = 0; t < 8; ++t) {
    callers.emplace_back([&, t] {
      for (int i = 0; !ends; ++i) {
        grpc::ClientContext context;
        context.set_deadline(absl::ToChronoTime(
            clock_.WallTime() + absl::Milliseconds(1 + (i * 7 + t) % 40)));
        api::QueryResponse response;
        database_->Query(&context, {}, &response);
      }
    });
  }
  const std::vector<std::string> behaviors = {
      "delay { exponential { nanos: 3000000 } } capacity: 1",
      "capacity: 0 faults { rate: 0.3 hang: true }",
      "faults { rate: 0.3 status: 'INTERNAL' } queue_limit: 2 capacity: 3",
      "stall { every { nanos: 9000000 } duration { nanos: 4000000 } }",
      "outage { duration { nanos: 5000000 } } load_factor: 0.5"};

  for (int i = 0; i < 200; ++i) {
    Set("database", behaviors[static_cast<std::size_t>(i) % behaviors.size()]);
    if (i % 50 == 49) {
      ASSERT_TRUE(host_.Reset("database").ok());
    }
    clock_.SleepUntil(clock_.Now() + 10 * kMillisecond);
    const auto statistics = StatisticsOf("database");
    std::uint64_t finished = 0;
    for (const auto& [code, count] : statistics.finished()) finished += count;
    ASSERT_EQ(statistics.started(), finished + statistics.in_flight());
  }
  ends = true;
  for (std::thread& caller : callers) caller.join();

  EXPECT_TRUE(
      Eventually([&] { return StatisticsOf("database").in_flight() == 0; }));
}

TEST_F(TargetsTest, ShutdownEndsTheCallsThatWait) {
  Set("echo", "faults { rate: 1 hang: true }");
  std::vector<std::thread> callers;
  callers.reserve(20);
  std::atomic<int> unavailable = 0;
  for (int i = 0; i < 20; ++i) {
    callers.emplace_back([&] {
      if (EchoCode() == grpc::StatusCode::UNAVAILABLE) ++unavailable;
    });
  }
  ASSERT_TRUE(
      Eventually([&] { return StatisticsOf("echo").in_flight() == 20; }));

  host_.Shutdown();
  for (std::thread& caller : callers) caller.join();

  EXPECT_EQ(unavailable, 20);
}

class GuardedTargetsTest : public TargetsTest {
 protected:
  GuardedTargetsTest() : TargetsTest(Configured()) {}

  static HostOptions Configured() {
    HostOptions options;
    options.defaults["database"].set_capacity(3);
    return options;
  }
};

TEST_F(GuardedTargetsTest, ACallMayNotChangeBehaviorUnlessItIsAllowed) {
  api::EchoResponse response;

  const grpc::Status status = Echo("x", response, {{"perfrig-delay", "1ms"}});

  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(status.error_message(), HasSubstr("--allow-call-overrides"));
}

TEST_F(GuardedTargetsTest, ConfiguredBehaviorIsTheDefault) {
  const auto target = host_.Get("database");

  EXPECT_EQ(target->default_behavior().capacity(), 3);
  EXPECT_EQ(target->default_behavior().delay().fixed().nanos(),
            20 * kMillisecond);
}

TEST(HostTest, ChecksItsOptions) {
  HostOptions options;
  options.defaults["ech"].set_capacity(2'000'000);

  const absl::Status status = Host::Check(options);

  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("no target \"ech\" (did you mean echo?); "
                        "ech.capacity: "));
}

}  // namespace
}  // namespace perfrig::targets
