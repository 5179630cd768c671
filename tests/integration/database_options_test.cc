// What the Database target can be told beside the behavior that all have.
#include <grpcpp/grpcpp.h>

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "perfrig/target/v1/config.grpc.pb.h"
#include "tests/integration/database_fixture.h"

namespace perfrig::targets {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

using DatabaseOptionsTest = DatabaseTest;

constexpr char kReads[] = "statements { query { key: 'a' } }";
constexpr char kWrites[] =
    "statements { query { key: 'a' } } statements { execute { delete: 'a' } }";

TEST_F(DatabaseOptionsTest, ReplicasMultiplyTheConnectionsOfQueriesAlone) {
  Set("database", "delay { fixed { seconds: 600 } } database { replicas: 2 }");

  Hold(50, *database_, &api::Database::Stub::Query, "key: 'a'");
  EXPECT_TRUE(Become(50, 10));
  const auto pool = StatisticsOf("database").pool();
  EXPECT_EQ(pool.connections(), 40);
  EXPECT_EQ(pool.capacity(), 40);
  EXPECT_EQ(pool.waiting(), 10);
  EXPECT_EQ(StateOf("database", "replicas"), 2);
  CancelAll();

  Hold(15, *database_, &api::Database::Stub::Execute, "delete: 'a'");
  Hold(5, *database_, &api::Database::Stub::Batch, kReads);
  Hold(5, *database_, &api::Database::Stub::Transaction, kReads);
  EXPECT_TRUE(Become(25, 5));
  // They don't wait for the primary.
  Hold(20, *database_, &api::Database::Stub::Query, "key: 'a'");
  EXPECT_TRUE(Become(45, 5));
}

TEST_F(DatabaseOptionsTest, TargetsThatAskItHaveTheReplicasToo) {
  Set("database",
      "delay { fixed { seconds: 600 } } capacity: 1 database { replicas: 3 }");
  const auto config = api::Config::NewStub(channel_);

  for (int i = 0; i < 5; ++i) {
    Hold(1, *config, &api::Config::Stub::Resolve,
         "tenant: 't" + std::to_string(i) + "'");
  }

  EXPECT_TRUE(Become(5, 2));
  CancelAll();
}

TEST_F(DatabaseOptionsTest, WithoutACapacityReplicasChangeNothing) {
  Set("database",
      "delay { fixed { seconds: 600 } } capacity: 0 database { replicas: 2 }");

  Hold(30, *database_, &api::Database::Stub::Execute, "delete: 'a'");

  EXPECT_TRUE(Become(30, 0));
  EXPECT_EQ(StatisticsOf("database").pool().capacity(), 0);
}

TEST_F(DatabaseOptionsTest, WhatWasWrittenIsReadAtOnceFromAnyReplica) {
  Set("database", "delay { fixed {} } database { replicas: 5 }");

  ASSERT_TRUE(Write().ok());

  api::QueryResponse response;
  ASSERT_TRUE(Call(*database_, &api::Database::Stub::Query,
                   Parse<api::QueryRequest>("key: 'a'"), response)
                  .ok());
  EXPECT_TRUE(response.rows(0).columns().empty());
}

TEST_F(DatabaseOptionsTest, QueriesThatMatchTheSlowPatternTakeLonger) {
  const auto injected = [&](const auto& call) {
    EXPECT_TRUE(host_.Reset("database").ok());
    Set("database", R"(delay { fixed { nanos: 1000000 } }
        database {
          slow_pattern: "or?ers/user-*" slow_by { nanos: 5000000 }
        })");
    EXPECT_TRUE(call().ok());
    return LastInjected() / kMillisecond;
  };

  EXPECT_EQ(injected([&] { return Read("table: 'orders' key: 'user-7'"); }), 6);
  EXPECT_EQ(injected([&] { return Read("table: 'orders' key: 'other'"); }), 1);
  EXPECT_EQ(injected([&] { return Read("key: 'user-7'"); }), 1);
  // A range is where it begins.
  EXPECT_EQ(injected([&] { return Read("table: 'orders' from: 'user-1'"); }),
            6);
  EXPECT_EQ(injected([&] { return Read("table: 'orders'"); }), 1);
  // Writes are not queries; each slow query of a call counts.
  EXPECT_EQ(injected([&] {
              return Transaction(R"(
                  statements { query { table: 'orders' key: 'user-1' } }
                  statements { execute { table: 'orders' delete: 'user-1' } }
                  statements { query { table: 'orders' key: 'user-2' } })");
            }),
            13);
  EXPECT_EQ(injected([&] {
              return Batch(R"(
                  statements { query { table: 'orders' key: 'user-1' } }
                  statements { query { table: 'orders' key: 'user-2' } })");
            }),
            11);
  // Lateness is still the target's own error alone.
  EXPECT_EQ(StatisticsOf("database").lateness().count(), 1);
}

TEST_F(DatabaseOptionsTest, ARangeWithoutABeginningIsItsTable) {
  Set("database", R"(delay { fixed {} }
      database { slow_pattern: "rows/" slow_by { nanos: 3000000 } })");

  EXPECT_TRUE(Read("limit: 1").ok());

  EXPECT_EQ(LastInjected(), 3 * kMillisecond);
}

TEST_F(DatabaseOptionsTest, WithoutThePrimaryWritesEndAtOnce) {
  Set("database", R"(delay { fixed {} }
      database { replicas: 2 failover { seconds: 3600 } })");
  grpc::ClientContext context;
  api::ExecuteResponse response;

  const absl::Status status =
      TargetsTest::HostedTest::Call(*database_, &api::Database::Stub::Execute,
                                    "delete: 'a'", response, context);

  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()),
              StartsWith("failover: the primary is away for another 59m"));
  const int pushback = std::stoi(TrailerOf(context, "grpc-retry-pushback-ms"));
  EXPECT_GT(pushback, 3'500'000);
  EXPECT_LE(pushback, 3'600'000);
  EXPECT_EQ(Transaction(kWrites).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Batch(kWrites).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(Read().ok());
  EXPECT_TRUE(Transaction(kReads).ok());
  EXPECT_TRUE(Batch(kReads).ok());
  EXPECT_EQ(StatisticsOf("database").finished().at("UNAVAILABLE"), 3);
}

TEST_F(DatabaseOptionsTest, WithoutReplicasQueriesEndTooUntilAReset) {
  Set("database", "delay { fixed {} } database { failover { seconds: 3600 } }");

  EXPECT_EQ(Read().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Batch(kReads).error_code(), grpc::StatusCode::UNAVAILABLE);
  ASSERT_TRUE(host_.Reset("database").ok());

  EXPECT_EQ(StateOf("database", "failover_remaining_seconds"), 0);
  EXPECT_TRUE(Read().ok());
  EXPECT_TRUE(Write().ok());
}

TEST_F(DatabaseOptionsTest, AFailoverEndsByItself) {
  Set("database",
      "delay { fixed {} } database { failover { nanos: 50000000 } }");

  EXPECT_TRUE(Eventually([&] { return Write().ok(); }));
  EXPECT_EQ(StateOf("database", "failover_remaining_seconds"), 0);
}

TEST_F(DatabaseOptionsTest, AFailoverBeginsAnewOnlyWhenItIsAskedForAgain) {
  const auto remaining = [&] {
    return StateOf("database", "failover_remaining_seconds");
  };
  Set("database", "database { failover { seconds: 3600 } }");
  EXPECT_GT(remaining(), 3500);
  ASSERT_TRUE(Eventually([&] { return remaining() < 3599.5; }));

  Set("database", "capacity: 7 database { replicas: 2 }");
  EXPECT_LT(remaining(), 3599.5);
  const double before = remaining();
  Set("database", "database { failover { seconds: 3600 } }");
  EXPECT_GT(remaining(), before);
  Set("database", "database { failover {} }");
  EXPECT_EQ(remaining(), 0);
}

TEST_F(DatabaseOptionsTest, ARealBackEndNeedsTheFlag) {
  v1::UpdateBehaviorRequest request;
  request.set_name("database");
  request.mutable_behavior()->mutable_database()->set_back_end(v1::REAL);

  const absl::Status status = host_.Update(request).status();

  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("database.back_end: REAL needs a daemon with "
                        "--postgresql"));
}

class AbsentPostgresqlTest : public DatabaseTest {
 protected:
  AbsentPostgresqlTest() : DatabaseTest(Options()) {}

  static HostOptions Options() {
    HostOptions options = Allowing();
    options.postgresql = "host=/nowhere/at/all";
    return options;
  }
};

TEST_F(AbsentPostgresqlTest, CallsEndAsUnavailableAndTheRestWorks) {
  EXPECT_TRUE(Read().ok());
  Set("database", "database { back_end: REAL }");

  EXPECT_EQ(Read().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Write().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(StateOf("database", "postgresql_connected"), 0);
  Set("database", "database { back_end: MOCK }");

  EXPECT_TRUE(Read().ok());
}

TEST_F(AbsentPostgresqlTest, FaultsComeBeforeTheRealThing) {
  Set("database", R"(database { back_end: REAL }
      faults { rate: 1 status: "DATA_LOSS" })");

  EXPECT_EQ(Read().error_code(), grpc::StatusCode::DATA_LOSS);
}

TEST_F(AbsentPostgresqlTest, OnlyADelayThatWasAskedForIsPaidByTheRealThing) {
  Set("database", "database { back_end: REAL }");
  Read();
  EXPECT_EQ(StatisticsOf("database").injected().count(), 0);

  Set("database", "delay { fixed { nanos: 3000000 } }");
  Read();

  EXPECT_EQ(LastInjected(), 3 * kMillisecond);
}

}  // namespace
}  // namespace perfrig::targets
