// The Database target over a real PostgreSQL.
#include <grpcpp/grpcpp.h>
#include <libpq-fe.h>

#include <future>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "perfrig/target/v1/config.grpc.pb.h"
#include "server/backends/postgres_pool.h"
#include "tests/integration/database_fixture.h"
#include "tests/support/servers/postgres_server.h"
#include "tests/support/servers/server_test.h"

namespace perfrig::targets {
namespace {

using backends::PostgresPool;
using backends::PostgresReply;
using backends::PostgresWay;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DatabasePostgresTest : public ServerTest<PostgresServer, DatabaseTest> {
 protected:
  DatabasePostgresTest() : ServerTest(Options()) {}

  static HostOptions Options() {
    HostOptions options = Allowing();
    if (server_ != nullptr) options.postgresql = server_->conninfo();
    return options;
  }

  void SetUp() override {
    ServerTest::SetUp();
    if (server_ == nullptr) return;
    ASSERT_TRUE(server_->Ask("DROP SCHEMA IF EXISTS perfrig CASCADE").ok());
    MakeSmallTables();
    Set("database", "database { back_end: REAL }");
  }

  // The target finds them there, and does not make a million rows of each.
  void MakeSmallTables() {
    const auto pool =
        PostgresPool::Create({.conninfo = server_->conninfo(),
                              .connections = 1,
                              .seeded = {.seed = 1, .rows = 1'000}},
                             clock_);
    ASSERT_TRUE(pool.ok()) << pool.status();
    PostgresPool::Statements statements;
    for (const char* table : {"rows", "other", "tenant_configs"}) {
      statements.Add()->mutable_query()->set_table(table);
    }
    std::promise<absl::Status> made;
    ASSERT_TRUE((*pool)
                    ->Run(statements, PostgresWay::kBatch,
                          [&](const PostgresReply& reply) {
                            made.set_value(reply.results.status());
                          })
                    .ok());
    ASSERT_TRUE(made.get_future().get().ok());
  }

  // Nobody reads "rows" until it goes.
  class TableLock {
   public:
    TableLock() : connection_(PQconnectdb(server_->conninfo().c_str())) {
      Do("BEGIN");
      Do("LOCK TABLE perfrig.rows IN ACCESS EXCLUSIVE MODE");
    }
    ~TableLock() { PQfinish(connection_); }

   private:
    void Do(const char* sql) {
      PGresult* result = PQexec(connection_, sql);
      EXPECT_EQ(PQresultStatus(result), PGRES_COMMAND_OK)
          << PQerrorMessage(connection_);
      PQclear(result);
    }
    PGconn* connection_;
  };

  // Statements that wait for the lock in the server.
  static std::string Blocked() {
    return server_
        ->Ask(
            "SELECT count(*) FROM pg_stat_activity WHERE "
            "application_name = 'perfrig' AND wait_event_type = 'Lock'")
        .value_or("");
  }
  template <class Call>
  static std::future<grpc::Status> Async(Call call) {
    return std::async(std::launch::async, std::move(call));
  }
  // What a few calls are answered, values of seeded rows aside.
  std::vector<std::string> Answers();
};

std::vector<std::string> DatabasePostgresTest::Answers() {
  std::vector<std::string> answers;
  const auto call = [&](auto method, const auto& request, auto response) {
    const grpc::Status status = Call(*database_, method, request, response);
    answers.push_back(std::to_string(status.error_code()) + " " +
                      status.error_message() + response.ShortDebugString());
  };
  const auto all = [&](const std::string& statements) {
    api::BatchResponse response;
    const grpc::Status status =
        Call(*database_, &api::Database::Stub::Batch,
             Parse<api::BatchRequest>(statements), response);
    for (auto& result : *response.mutable_results()) {
      for (auto& row : *result.mutable_query()->mutable_rows()) {
        if (row.columns().count("written") != 0) continue;
        for (auto& [name, value] : *row.mutable_columns()) value = "seeded";
      }
    }
    answers.push_back(std::to_string(status.error_code()) + " " +
                      status.error_message() + response.ShortDebugString());
  };
  call(&api::Database::Stub::Execute,
       Parse<api::ExecuteRequest>("delete: '00000003'"),
       api::ExecuteResponse());
  call(&api::Database::Stub::Execute,
       Parse<api::ExecuteRequest>("delete: '00000003'"),
       api::ExecuteResponse());
  call(&api::Database::Stub::Transaction, Parse<api::TransactionRequest>(R"(
           statements { execute { put { key: "00000004a"
               columns { key: "written" value: "yes" } } } }
           statements { query { key: "00000004a" } })"),
       api::TransactionResponse());
  all("statements { query { from: '00000002' to: '00000006' } } "
      "statements { query { from: '00000990' to: '00000999' limit: 3 } }");
  all("statements { query { key: 'anything' } } "
      "statements { query { key: '00000003' } } "
      "statements { execute { delete: '00000005' } }");
  all("statements { query { limit: 5000 } }");
  return answers;
}

TEST_F(DatabasePostgresTest, AnswersAsTheMockDoes) {
  const std::vector<std::string> real = Answers();
  Set("database", "database { back_end: MOCK }");

  EXPECT_EQ(real, Answers());
  EXPECT_THAT(real[3], HasSubstr("00000004a"));
}

TEST_F(DatabasePostgresTest, NoDelayIsPaidAndPhasesAddUpToTheWhole) {
  ASSERT_TRUE(Read().ok());  // Once there is a connection.
  const Nanos start = clock_.Now();

  ASSERT_TRUE(Read().ok());

  const Nanos took = clock_.Now() - start;
  EXPECT_EQ(StatisticsOf("database").injected().count(), 0);
  std::set<std::string> names;
  Nanos sum = 0;
  for (const absl::string_view phase : absl::StrSplit(phases_, ',')) {
    const std::vector<std::string> parts = absl::StrSplit(phase, '=');
    std::int64_t time = 0;
    ASSERT_TRUE(absl::SimpleAtoi(parts.at(1), &time)) << phases_;
    names.insert(parts[0]);
    sum += time;
  }
  EXPECT_THAT(names, ElementsAre("pool_wait", "queue", "work")) << phases_;
  EXPECT_GT(sum, 0);
  EXPECT_LE(sum, took);
}

TEST_F(DatabasePostgresTest, FiftyCallsKeepWithinFiveConnections) {
  Set("database", "capacity: 5");
  ASSERT_TRUE(Read().ok());
  std::vector<std::future<grpc::Status>> calls;
  {
    const TableLock lock;
    for (int i = 0; i < 50; ++i) {
      calls.push_back(Async([&] {
        grpc::ClientContext context;
        api::QueryResponse response;
        api::QueryRequest request;
        request.set_key("a");
        return database_->Query(&context, request, &response);
      }));
    }
    ASSERT_TRUE(Become(50, 45));
    ASSERT_TRUE(Eventually([] { return Blocked() == "5"; }));
    EXPECT_EQ(*server_->Ask("SELECT count(*) FROM pg_stat_activity WHERE "
                            "application_name = 'perfrig' AND "
                            "state <> 'idle'"),
              "5");
    const auto pool = StatisticsOf("database").pool();
    EXPECT_EQ(pool.connections(), 5);
    EXPECT_EQ(pool.capacity(), 5);
    EXPECT_EQ(pool.waiting(), 45);
    EXPECT_EQ(StateOf("database", "postgresql_connected"), 5);
    EXPECT_EQ(StateOf("database", "postgresql_busy"), 5);
  }

  for (auto& call : calls) EXPECT_TRUE(call.get().ok());
  EXPECT_EQ(StatisticsOf("database").phases().at("pool_wait").count(), 51);
}

TEST_F(DatabasePostgresTest, ACancelledCallFreesItsConnection) {
  Set("database", "capacity: 1");
  ASSERT_TRUE(Read().ok());
  const TableLock lock;
  Hold(1, *database_, &api::Database::Stub::Query, "key: 'a'");
  ASSERT_TRUE(Eventually([] { return Blocked() == "1"; }));

  CancelAll();

  EXPECT_TRUE(Read("table: 'other' key: 'a'").ok());
  EXPECT_EQ(StatisticsOf("database").finished().at("CANCELLED"), 1);
}

TEST_F(DatabasePostgresTest, AServerThatGoesIsUnavailableUntilItIsBack) {
  ASSERT_TRUE(Read().ok());
  auto lock = std::make_unique<TableLock>();
  auto running = Async([&] {
    grpc::ClientContext context;
    api::QueryResponse response;
    return database_->Query(&context, api::QueryRequest(), &response);
  });
  ASSERT_TRUE(Eventually([] { return Blocked() == "1"; }));

  server_->Stop();
  EXPECT_EQ(running.get().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Read().error_code(), grpc::StatusCode::UNAVAILABLE);
  lock = nullptr;
  ASSERT_TRUE(server_->Start().ok());

  EXPECT_TRUE(Eventually([&] { return Read().ok(); }));
}

TEST_F(DatabasePostgresTest, ANewCapacityLeavesRunningCallsTheirConnections) {
  ASSERT_TRUE(Read().ok());
  std::vector<std::future<grpc::Status>> calls;
  {
    const TableLock lock;
    for (int i = 0; i < 3; ++i) {
      calls.push_back(Async([&] {
        grpc::ClientContext context;
        api::QueryResponse response;
        return database_->Query(&context, api::QueryRequest(), &response);
      }));
    }
    ASSERT_TRUE(Eventually([] { return Blocked() == "3"; }));

    Set("database", "capacity: 4");
    EXPECT_TRUE(Read("table: 'other' key: 'a'").ok());
    EXPECT_EQ(StatisticsOf("database").pool().capacity(), 4);
    Set("database", "database { back_end: MOCK }");
    EXPECT_TRUE(Read().ok());
  }

  for (auto& call : calls) EXPECT_TRUE(call.get().ok());
  // The old pools end when their calls have.
  EXPECT_TRUE(Eventually([] {
    return *server_->Ask(
               "SELECT count(*) FROM pg_stat_activity WHERE "
               "application_name = 'perfrig'") == "0";
  }));
}

TEST_F(DatabasePostgresTest, AResetEndsCallsAndForgetsWhatWasWritten) {
  ASSERT_TRUE(Write().ok());
  EXPECT_EQ(*server_->Ask("SELECT count(*) FROM perfrig.rows WHERE written"),
            "1");
  std::future<grpc::Status> running;
  {
    const TableLock lock;
    running = Async([&] {
      grpc::ClientContext context;
      api::QueryResponse response;
      return database_->Query(&context, api::QueryRequest(), &response);
    });
    ASSERT_TRUE(Eventually([] { return Blocked() == "1"; }));

    ASSERT_TRUE(host_.Reset("database").ok());
    EXPECT_EQ(running.get().error_code(), grpc::StatusCode::UNAVAILABLE);
  }

  Set("database", "database { back_end: REAL }");
  EXPECT_TRUE(Read().ok());
  EXPECT_EQ(*server_->Ask("SELECT count(*) FROM perfrig.rows WHERE written"),
            "0");
}

TEST_F(DatabasePostgresTest, TargetsThatAskTheDatabaseAskTheRealOne) {
  const auto config = api::Config::NewStub(channel_);
  api::ResolveResponse response;

  const grpc::Status status =
      Call(*config, &api::Config::Stub::Resolve,
           Parse<api::ResolveRequest>("tenant: 'acme'"), response);

  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_FALSE(response.settings().empty());
  EXPECT_THAT(phases_, HasSubstr("database="));
  EXPECT_EQ(StatisticsOf("database").injected().count(), 0);
}

TEST_F(DatabasePostgresTest, AShutdownDoesNotWaitForStatements) {
  ASSERT_TRUE(Read().ok());
  const TableLock lock;
  auto running = Async([&] {
    grpc::ClientContext context;
    api::QueryResponse response;
    return database_->Query(&context, api::QueryRequest(), &response);
  });
  ASSERT_TRUE(Eventually([] { return Blocked() == "1"; }));

  host_.Shutdown();

  EXPECT_EQ(running.get().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace perfrig::targets
