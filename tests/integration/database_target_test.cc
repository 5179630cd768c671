#include <grpcpp/grpcpp.h>

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/targets_fixture.h"

namespace perfrig::targets {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

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

}  // namespace
}  // namespace perfrig::targets
