#include "server/backends/postgres_work.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace perfrig::backends {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

PostgresResult Result(ExecStatusType status) {
  return PostgresResult(PQmakeEmptyPGresult(nullptr, status));
}

// Answers to so many commands; the last is an error where `fails`.
std::vector<PostgresResult> Results(std::size_t count, bool fails = false) {
  std::vector<PostgresResult> results;
  while (results.size() < count) results.push_back(Result(PGRES_TUPLES_OK));
  if (fails) results.back() = Result(PGRES_FATAL_ERROR);
  return results;
}

std::vector<std::string> SqlOf(const std::vector<PostgresCommand>& commands) {
  std::vector<std::string> sql;
  for (const PostgresCommand& command : commands) {
    sql.push_back(command.sql.substr(0, 8));
  }
  return sql;
}

class PostgresWorkTest : public ::testing::Test {
 protected:
  PostgresWork Work(int statements, PostgresWay way) {
    PostgresWork::Statements list;
    for (int i = 0; i < statements; ++i) {
      list.Add()->mutable_query()->set_key("k");
    }
    return {std::move(list), way, {"rows"}, seeded_, tables_};
  }

  const SeededRows seeded_;
  PostgresWork::Tables tables_ = {"rows"};
};

TEST_F(PostgresWorkTest, ABatchIsOneTrip) {
  PostgresWork work = Work(3, PostgresWay::kBatch);

  EXPECT_THAT(SqlOf(work.Next(false)),
              ElementsAre("SELECT c", "SELECT c", "SELECT c"));
  work.Take(Results(3));

  EXPECT_THAT(work.Next(false), IsEmpty());
  EXPECT_THAT(*std::move(work).Finish(), SizeIs(3));
}

TEST_F(PostgresWorkTest, ATransactionIsATripForEachStatement) {
  PostgresWork work = Work(3, PostgresWay::kTransaction);

  EXPECT_THAT(SqlOf(work.Next(false)), ElementsAre("BEGIN", "SELECT c"));
  work.Take(Results(2));
  EXPECT_THAT(SqlOf(work.Next(true)), ElementsAre("SELECT c"));
  work.Take(Results(1));
  EXPECT_THAT(SqlOf(work.Next(true)), ElementsAre("SELECT c", "COMMIT"));
  work.Take(Results(2));

  EXPECT_THAT(work.Next(false), IsEmpty());
  EXPECT_THAT(*std::move(work).Finish(), SizeIs(3));
}

TEST_F(PostgresWorkTest, AfterAnErrorOnlyARollback) {
  PostgresWork work = Work(3, PostgresWay::kTransaction);
  work.Next(false);
  work.Take(Results(2, true));

  EXPECT_THAT(SqlOf(work.Next(true)), ElementsAre("ROLLBACK"));
  work.Take(Results(1));

  EXPECT_THAT(work.Next(false), IsEmpty());
  EXPECT_FALSE(std::move(work).Finish().ok());
}

TEST_F(PostgresWorkTest, WhatIsStoppedSendsNoMoreStatements) {
  PostgresWork work = Work(3, PostgresWay::kTransaction);
  work.Next(false);
  work.Take(Results(2));
  work.Stop(absl::CancelledError("enough"));

  EXPECT_THAT(SqlOf(work.Next(true)), ElementsAre("ROLLBACK"));
  EXPECT_EQ(std::move(work).Finish().status(), absl::CancelledError("enough"));
}

TEST_F(PostgresWorkTest, ATableThatIsNotKnownIsMadeBefore) {
  tables_.clear();
  PostgresWork work = Work(1, PostgresWay::kBatch);

  EXPECT_THAT(SqlOf(work.Next(false)),
              ::testing::Contains(HasSubstr("CREATE S")));
  EXPECT_TRUE(work.makes_table());
  work.Take(Results(6));

  EXPECT_THAT(tables_, ElementsAre("rows"));
  EXPECT_THAT(SqlOf(work.Next(false)), ElementsAre("SELECT c"));
  EXPECT_FALSE(work.makes_table());
}

}  // namespace
}  // namespace perfrig::backends
