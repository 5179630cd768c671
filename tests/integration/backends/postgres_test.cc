// The Database's back end against a real server.
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "server/backends/postgres_pool.h"
#include "tests/support/servers/postgres_server.h"
#include "tests/support/servers/server_test.h"

namespace perfrig::backends {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using target::v1::Row;
using target::v1::Statement;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Statements = PostgresPool::Statements;
using Results = PostgresWork::Results;

Statement Parse(const std::string& text) {
  Statement statement;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &statement));
  return statement;
}

Statements ParseAll(const std::vector<std::string>& texts) {
  Statements statements;
  for (const std::string& text : texts) *statements.Add() = Parse(text);
  return statements;
}

std::vector<std::string> KeysOf(const target::v1::StatementResult& result) {
  std::vector<std::string> keys;
  for (const Row& row : result.query().rows()) keys.push_back(row.key());
  return keys;
}

// An answer that comes later.
class Answer {
 public:
  PostgresPool::Callback callback() {
    return
        [this](PostgresReply reply) { promise_.set_value(std::move(reply)); };
  }
  // The test's own time limit ends what never comes.
  PostgresReply Get() { return future_.get(); }
  bool IsThere() {
    return future_.wait_for(std::chrono::seconds(0)) ==
           std::future_status::ready;
  }

 private:
  std::promise<PostgresReply> promise_;
  std::future<PostgresReply> future_ = promise_.get_future();
};

class PostgresTest : public ServerTest<PostgresServer> {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    if (server_ == nullptr) return;
    ASSERT_TRUE(server_->Ask("DROP SCHEMA IF EXISTS perfrig CASCADE").ok());
  }

  static PostgresOptions Options(int connections = 4) {
    PostgresOptions options;
    options.conninfo = server_->conninfo();
    options.connections = connections;
    options.seeded = {.seed = 7, .rows = 1'000};
    return options;
  }
  void MakePool(const PostgresOptions& options) {
    pool_ = nullptr;
    auto pool = PostgresPool::Create(options, clock_);
    ASSERT_TRUE(pool.ok()) << pool.status();
    pool_ = *std::move(pool);
  }

  absl::StatusOr<Results> Run(const std::vector<std::string>& texts,
                              PostgresWay way = PostgresWay::kBatch) {
    Answer answer;
    const auto ticket = pool_->Run(ParseAll(texts), way, answer.callback());
    if (!ticket.ok()) return ticket.status();
    return answer.Get().results;
  }

  // Holds what the statement locks until it goes.
  class Lock {
   public:
    explicit Lock(const std::string& sql)
        : connection_(PQconnectdb(server_->conninfo().c_str())) {
      Do("BEGIN");
      Do(sql);
    }
    ~Lock() { PQfinish(connection_); }

   private:
    void Do(const std::string& sql) {
      PGresult* result = PQexec(connection_, sql.c_str());
      EXPECT_NE(PQresultStatus(result), PGRES_FATAL_ERROR)
          << PQerrorMessage(connection_);
      PQclear(result);
    }
    PGconn* connection_;
  };
  // A row of "rows".
  class RowLock : public Lock {
   public:
    explicit RowLock(const std::string& key)
        : Lock("UPDATE perfrig.rows SET written = written WHERE key = '" + key +
               "'::bytea") {}
  };

  // How many statements wait for a lock in the server.
  static std::string Blocked() {
    return *server_->Ask(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
  }
  static void AwaitBlocked(int count) {
    while (Blocked() != std::to_string(count)) {
    }
  }

  SystemClock clock_;
  std::unique_ptr<PostgresPool> pool_;
};

TEST_F(PostgresTest, EveryKeyHasARowLikeTheMocks) {
  MakePool(Options());

  const auto results = Run({"query { key: '00000042' }", "query { key: 'me' }",
                            "query { key: '00000042' }"});

  ASSERT_TRUE(results.ok()) << results.status();
  for (const auto& result : *results) {
    ASSERT_THAT(result.query().rows(), SizeIs(1));
    const Row& row = result.query().rows(0);
    EXPECT_THAT(row.columns(), SizeIs(4));
    EXPECT_THAT(row.columns().at("name"),
                ::testing::MatchesRegex("name-[0-9]+"));
    EXPECT_THAT(row.columns().at("text"), SizeIs(64));
    EXPECT_LT(std::stoul(row.columns().at("id")), 1UL << 32);
    EXPECT_LT(std::stoul(row.columns().at("amount")), 1'000'000);
  }
  EXPECT_EQ((*results)[1].query().rows(0).key(), "me");
  EXPECT_NE((*results)[0].query().rows(0).columns().at("id"),
            (*results)[1].query().rows(0).columns().at("id"));
  EXPECT_TRUE(MessageDifferencer::Equals((*results)[0], (*results)[2]));
}

TEST_F(PostgresTest, RangesWalkKeysInOrderAndEndBeforeTheLast) {
  MakePool(Options());

  const auto results =
      Run({"query { from: '00000997' }", "query { from: '0000001' limit: 2 }",
           "query { from: '00000003' to: '00000005' }", "query {}",
           "query { from: '00000005' to: '00000005' }"});

  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_THAT(KeysOf((*results)[0]),
              ElementsAre("00000997", "00000998", "00000999"));
  EXPECT_THAT(KeysOf((*results)[1]), ElementsAre("00000010", "00000011"));
  EXPECT_THAT(KeysOf((*results)[2]), ElementsAre("00000003", "00000004"));
  EXPECT_THAT(KeysOf((*results)[3]), SizeIs(100));
  EXPECT_THAT(KeysOf((*results)[4]), IsEmpty());
}

TEST_F(PostgresTest, AnyBytesComeBackAsTheyWere) {
  MakePool(Options());
  Statements statements;
  Row& row = *statements.Add()->mutable_execute()->mutable_put();
  row.set_key(std::string("\0'\\\"$1\x7f", 7));
  for (int i = 1; i < 128; ++i) {
    (*row.mutable_columns())[std::string(i, static_cast<char>(i))] =
        std::string(1'000, static_cast<char>(i - 1));
  }
  statements.Add()->mutable_query()->set_key(row.key());
  Answer answer;

  ASSERT_TRUE(
      pool_->Run(statements, PostgresWay::kBatch, answer.callback()).ok());

  const PostgresReply reply = answer.Get();
  ASSERT_TRUE(reply.results.ok()) << reply.results.status();
  EXPECT_GT(reply.began, 0);
  const auto& results = *reply.results;
  EXPECT_EQ(results[0].execute().rows_changed(), 1);
  ASSERT_THAT(results[1].query().rows(), SizeIs(1));
  const Row& read = results[1].query().rows(0);
  EXPECT_EQ(read.key(), row.key());
  ASSERT_EQ(read.columns().size(), 127);
  for (const auto& [name, value] : row.columns()) {
    EXPECT_EQ(read.columns().at(name), value);
  }
}

TEST_F(PostgresTest, DeletedRowsStayAwayUntilTheyArePutAgain) {
  MakePool(Options());

  const auto results = Run({
      "execute { delete: '00000003' }",
      "execute { delete: '00000003' }",
      "query { key: '00000003' }",
      "query { from: '00000002' limit: 2 }",
      "execute { delete: 'never' }",
      "query { key: 'never' }",
      "execute { put { key: '00000003' columns { key: 'a' value: 'b' } } }",
      "query { key: '00000003' }",
  });

  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_EQ((*results)[0].execute().rows_changed(), 1);
  EXPECT_EQ((*results)[1].execute().rows_changed(), 0);
  EXPECT_THAT(KeysOf((*results)[2]), IsEmpty());
  EXPECT_THAT(KeysOf((*results)[3]), ElementsAre("00000002", "00000004"));
  EXPECT_EQ((*results)[4].execute().rows_changed(), 1);
  EXPECT_THAT(KeysOf((*results)[5]), IsEmpty());
  EXPECT_EQ((*results)[7].query().rows(0).columns().at("a"), "b");
}

TEST_F(PostgresTest, ClearBringsBackWhatWasThereAtFirst) {
  MakePool(Options());
  const std::vector<std::string> questions = {
      "query { key: '00000003' }", "query { key: '00000004' }",
      "query { key: 'me' }", "query { from: '00000998' limit: 5 }"};
  const auto before = Run(questions);
  ASSERT_TRUE(Run({"execute { delete: '00000003' }",
                   "execute { put { key: '00000004' } }",
                   "execute { put { key: 'me' } }"})
                  .ok());

  ASSERT_TRUE(Run({}, PostgresWay::kClear).ok());

  const auto after = Run(questions);
  ASSERT_TRUE(after.ok()) << after.status();
  for (int i = 0; i < before->size(); ++i) {
    EXPECT_TRUE(MessageDifferencer::Equals((*before)[i], (*after)[i])) << i;
  }
}

TEST_F(PostgresTest, ATransactionIsAllOrNone) {
  MakePool(Options(1));
  ASSERT_TRUE(Run({"query {}"}).ok());
  // Keys longer than 100 bytes are refused by the server from here on.
  ASSERT_TRUE(server_
                  ->Ask("ALTER TABLE perfrig.rows ADD CHECK "
                        "(length(key) < 100)")
                  .ok());
  const std::string wrong =
      absl::StrCat("execute { put { key: '", std::string(200, 'k'), "' } }");
  for (const PostgresWay way :
       {PostgresWay::kTransaction, PostgresWay::kBatch}) {
    const auto results = Run(
        {"execute { put { key: 'a' } }", wrong, "execute { put { key: 'b' } }"},
        way);

    EXPECT_EQ(results.status().code(), absl::StatusCode::kInternal);
    EXPECT_THAT(std::string(results.status().message()),
                HasSubstr("violates check constraint"));
    EXPECT_EQ(*server_->Ask("SELECT count(*) FROM perfrig.rows WHERE written"),
              "0");
    // The connection is clean.
    const auto more = Run({"execute { put { key: 'c' } }",
                           "execute { delete: 'c' }", "query { key: 'c' }"},
                          way);
    ASSERT_TRUE(more.ok()) << more.status();
    EXPECT_THAT(*more, SizeIs(3));
    EXPECT_THAT(KeysOf((*more)[2]), IsEmpty());
    ASSERT_TRUE(Run({}, PostgresWay::kClear).ok());
  }
}

TEST_F(PostgresTest, CallsWaitInOrderOfArrivalAndTheQueueHasAnEnd) {
  PostgresOptions options = Options(1);
  options.queue_limit = 3;
  MakePool(options);
  ASSERT_TRUE(Run({"query {}"}).ok());
  auto lock = std::make_unique<RowLock>("00000001");
  Answer first;
  ASSERT_TRUE(pool_
                  ->Run(ParseAll({"execute { delete: '00000001' }"}),
                        PostgresWay::kBatch, first.callback())
                  .ok());
  AwaitBlocked(1);
  std::vector<int> order;
  std::vector<Answer> answers(3);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(pool_
                    ->Run(ParseAll({"query { key: 'a' }"}), PostgresWay::kBatch,
                          [&, i](PostgresReply reply) {
                            order.push_back(i);
                            answers[i].callback()(std::move(reply));
                          })
                    .ok());
  }
  EXPECT_EQ(pool_->counts().waiting, 3);
  EXPECT_EQ(pool_->counts().busy, 1);

  const auto refused = pool_->Run(ParseAll({"query {}"}), PostgresWay::kBatch,
                                  [](const PostgresReply&) { FAIL(); });

  EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_FALSE(first.IsThere());
  lock = nullptr;
  for (Answer& answer : answers) EXPECT_TRUE(answer.Get().results.ok());
  EXPECT_TRUE(first.Get().results.ok());
  EXPECT_THAT(order, ElementsAre(0, 1, 2));
}

TEST_F(PostgresTest, WhatWaitsAndWhatRunsCanBeCancelled) {
  MakePool(Options(1));
  ASSERT_TRUE(Run({"query {}"}).ok());
  RowLock lock("00000001");
  const auto never = [](const PostgresReply&) { FAIL(); };
  // Its first statement is done; the second waits for the row.
  const auto running = pool_->Run(ParseAll({"execute { delete: '00000002' }",
                                            "execute { delete: '00000001' }"}),
                                  PostgresWay::kTransaction, never);
  AwaitBlocked(1);
  const auto waiting =
      pool_->Run(ParseAll({"query {}"}), PostgresWay::kBatch, never);
  Answer last;
  ASSERT_TRUE(pool_
                  ->Run(ParseAll({"query { key: '00000002' }"}),
                        PostgresWay::kBatch, last.callback())
                  .ok());

  EXPECT_TRUE(pool_->Cancel(*waiting));
  EXPECT_FALSE(pool_->Cancel(*waiting));
  EXPECT_EQ(pool_->counts().waiting, 1);
  EXPECT_TRUE(pool_->Cancel(*running));
  EXPECT_FALSE(pool_->Cancel(*running));

  // The connection is free although the row is still locked, and the
  // transaction is rolled back.
  const PostgresReply reply = last.Get();
  ASSERT_TRUE(reply.results.ok()) << reply.results.status();
  EXPECT_THAT(KeysOf((*reply.results)[0]), ElementsAre("00000002"));
}

TEST_F(PostgresTest, CancellingAtAnyTimeLosesNothingElse) {
  MakePool(Options(3));
  ASSERT_TRUE(Run({"query {}"}).ok());
  constexpr int kCalls = 300;
  std::vector<Answer> answers(kCalls);
  int cancelled = 0;

  for (int i = 0; i < kCalls; ++i) {
    const auto ticket =
        pool_->Run(ParseAll({absl::StrCat("query { key: 'k", i, "' }"),
                             "query { limit: 50 }"}),
                   i % 2 == 0 ? PostgresWay::kTransaction : PostgresWay::kBatch,
                   answers[i].callback());
    ASSERT_TRUE(ticket.ok());
    if (i % 3 != 0) continue;
    if (i % 2 == 0) sched_yield();
    if (pool_->Cancel(*ticket)) {
      ++cancelled;
      answers[i].callback()({absl::CancelledError(), 0});
    }
  }

  for (int i = 0; i < kCalls; ++i) {
    const PostgresReply reply = answers[i].Get();
    if (absl::IsCancelled(reply.results.status())) continue;
    ASSERT_TRUE(reply.results.ok()) << reply.results.status();
    EXPECT_EQ((*reply.results)[0].query().rows(0).key(), absl::StrCat("k", i));
  }
  EXPECT_GT(cancelled, 0);
}

TEST_F(PostgresTest, AStatementThatTakesTooLongEndsWithDeadlineExceeded) {
  PostgresOptions options = Options(1);
  options.statement_timeout = absl::Milliseconds(200);
  MakePool(options);
  ASSERT_TRUE(Run({"query {}"}).ok());
  RowLock lock("00000001");

  const auto results = Run({"execute { delete: '00000001' }"});

  EXPECT_EQ(results.status().code(), absl::StatusCode::kDeadlineExceeded)
      << results.status();
  EXPECT_TRUE(Run({"query { key: '00000001' }"}).ok());
}

TEST_F(PostgresTest, ADeadlockIsAConflict) {
  MakePool(Options(2));
  ASSERT_TRUE(Run({"query {}"}).ok());
  auto lock = std::make_unique<RowLock>("00000001");
  std::vector<Answer> answers(2);
  // Each then wants what the other has.
  ASSERT_TRUE(pool_
                  ->Run(ParseAll({"execute { delete: '00000002' }",
                                  "execute { delete: '00000001' }",
                                  "execute { delete: '00000003' }"}),
                        PostgresWay::kTransaction, answers[0].callback())
                  .ok());
  AwaitBlocked(1);
  ASSERT_TRUE(pool_
                  ->Run(ParseAll({"execute { delete: '00000003' }",
                                  "execute { delete: '00000002' }"}),
                        PostgresWay::kTransaction, answers[1].callback())
                  .ok());
  AwaitBlocked(2);

  lock = nullptr;

  const auto one = answers[0].Get().results;
  const auto other = answers[1].Get().results;
  EXPECT_NE(one.ok(), other.ok());
  EXPECT_EQ((one.ok() ? other : one).status().code(),
            absl::StatusCode::kAborted);
}

TEST_F(PostgresTest, ADeadServerIsUnavailableAndComesBack) {
  MakePool(Options(2));
  ASSERT_TRUE(Run({"query {}"}).ok());
  auto lock = std::make_unique<RowLock>("00000001");
  Answer running;
  ASSERT_TRUE(pool_
                  ->Run(ParseAll({"execute { delete: '00000001' }"}),
                        PostgresWay::kBatch, running.callback())
                  .ok());
  AwaitBlocked(1);

  server_->Stop();

  EXPECT_TRUE(absl::IsUnavailable(running.Get().results.status()));
  EXPECT_TRUE(absl::IsUnavailable(Run({"query {}"}).status()));
  lock = nullptr;
  ASSERT_TRUE(server_->Start().ok());
  absl::Status status = absl::UnavailableError("");
  while (absl::IsUnavailable(status)) status = Run({"query {}"}).status();
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(PostgresTest, ATableThatSomebodyDroppedIsMadeAgain) {
  MakePool(Options(1));
  ASSERT_TRUE(Run({"query {}"}).ok());
  ASSERT_TRUE(server_->Ask("DROP TABLE perfrig.rows").ok());

  EXPECT_TRUE(absl::IsUnavailable(Run({"query {}"}).status()));

  EXPECT_TRUE(Run({"query {}"}).ok());
}

TEST_F(PostgresTest, ManyAtOnceMakeATableOnce) {
  MakePool(Options(8));
  std::vector<Answer> answers(50);
  for (Answer& answer : answers) {
    ASSERT_TRUE(pool_
                    ->Run(ParseAll({"query { table: 'Orders' limit: 1 }",
                                    "query { table: 'x_1' limit: 1 }"}),
                          PostgresWay::kBatch, answer.callback())
                    .ok());
  }

  for (Answer& answer : answers) {
    const auto results = answer.Get().results;
    EXPECT_TRUE(results.ok()) << results.status();
  }
  EXPECT_EQ(*server_->Ask("SELECT count(*) FROM perfrig.\"Orders\""), "1000");
}

TEST_F(PostgresTest, ATableIsMadeEvenIfWhoAskedFirstHasGone) {
  MakePool(Options(1));
  auto lock = std::make_unique<Lock>(
      "SELECT pg_advisory_xact_lock(hashtext('perfrig'))");
  const auto first = pool_->Run(ParseAll({"query {}"}), PostgresWay::kBatch,
                                [](const PostgresReply&) { FAIL(); });
  AwaitBlocked(1);

  EXPECT_TRUE(pool_->Cancel(*first));
  // It would have heard of that by then.
  for (int looked = 0; looked < 50; ++looked) EXPECT_EQ(Blocked(), "1");
  lock = nullptr;

  while (*server_->Ask("SELECT to_regclass('perfrig.rows')") !=
         "perfrig.rows") {
  }
}

TEST_F(PostgresTest, TablesAreNamesAndNotTooMany) {
  PostgresOptions options = Options(1);
  options.seeded.rows = 0;
  MakePool(options);

  for (const char* name : {"a b", "a\\\"b", "1a", "x'; DROP TABLE y"}) {
    const auto results = Run({absl::StrCat("query { table: \"", name, "\" }")});
    EXPECT_EQ(results.status().code(), absl::StatusCode::kInvalidArgument)
        << name;
  }
  for (int i = 0; i < 16; ++i) {
    ASSERT_TRUE(Run({absl::StrCat("query { table: 't", i, "' }")}).ok());
  }
  EXPECT_EQ(Run({"query { table: 't17' }"}).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST_F(PostgresTest, LargeBatchesGoBothWaysAtOnce) {
  MakePool(Options(1));
  Statements statements;
  for (int i = 0; i < 500; ++i) {
    Row& row = *statements.Add()->mutable_execute()->mutable_put();
    row.set_key(std::to_string(i));
    (*row.mutable_columns())["big"] = std::string(60'000, 'x');
    statements.Add()->mutable_query()->set_key(std::to_string(i));
  }
  Answer answer;

  ASSERT_TRUE(
      pool_->Run(statements, PostgresWay::kBatch, answer.callback()).ok());

  const auto results = answer.Get().results;
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_EQ((*results)[999].query().rows(0).columns().at("big").size(), 60'000);
}

TEST_F(PostgresTest, ThePoolEndsWithWhatWaitsAndRuns) {
  MakePool(Options(1));
  ASSERT_TRUE(Run({"query {}"}).ok());
  RowLock lock("00000001");
  std::vector<Answer> answers(2);
  for (Answer& answer : answers) {
    ASSERT_TRUE(pool_
                    ->Run(ParseAll({"execute { delete: '00000001' }"}),
                          PostgresWay::kBatch, answer.callback())
                    .ok());
  }
  AwaitBlocked(1);

  pool_ = nullptr;

  for (Answer& answer : answers) {
    EXPECT_TRUE(absl::IsCancelled(answer.Get().results.status()));
  }
}

TEST(PostgresPoolTest, NoServerIsUnavailableAndWrongOptionsAreRefused) {
  const SystemClock clock;
  PostgresOptions options;
  options.conninfo = "host=/nowhere/at/all";
  options.connections = 2;
  const auto pool = PostgresPool::Create(options, clock);
  ASSERT_TRUE(pool.ok()) << pool.status();
  Answer answer;

  ASSERT_TRUE(
      (*pool)
          ->Run(ParseAll({"query {}"}), PostgresWay::kBatch, answer.callback())
          .ok());

  const PostgresReply reply = answer.Get();
  EXPECT_TRUE(absl::IsUnavailable(reply.results.status()));
  EXPECT_EQ(reply.began, 0);
  options.connections = 0;
  EXPECT_EQ(PostgresPool::Create(options, clock).status().message(),
            "connections: must be 1 to 1000, got 0");
  options.connections = 1;
  options.conninfo = "hots=x";
  EXPECT_THAT(
      std::string(PostgresPool::Create(options, clock).status().message()),
      HasSubstr("conninfo: must be libpq's \"host=… dbname=…\""));
}

}  // namespace
}  // namespace perfrig::backends
