#include "server/backends/postgres_work.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"

namespace perfrig::backends {
namespace {

// Each is filled with rows: names that are made up would fill the disk.
constexpr std::size_t kMostTables = 16;

bool IsError(const PostgresResult& result) {
  const ExecStatusType status = PQresultStatus(result.get());
  return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK;
}

}  // namespace

PostgresWork::PostgresWork(Statements statements, PostgresWay way,
                           std::vector<std::string> names,
                           const SeededRows& seeded, Tables& tables)
    : statements_(std::move(statements)),
      way_(way),
      seeded_(seeded),
      tables_(tables),
      missing_(std::move(names)) {}

std::vector<PostgresCommand> PostgresWork::Next(bool in_transaction) {
  // Made meanwhile by others.
  while (!missing_.empty() && tables_.contains(missing_.back())) {
    missing_.pop_back();
  }
  if (!missing_.empty() && tables_.size() >= kMostTables) {
    Stop(absl::ResourceExhaustedError(
        absl::StrCat("table: at most ", kMostTables, " tables, \"",
                     missing_.back(), "\" would be one more")));
  }
  if (!status_.ok()) {
    if (!in_transaction) return {};
    trip_ = Trip::kRollback;
    return {{"ROLLBACK", {}}};
  }
  if (!missing_.empty()) {
    trip_ = Trip::kMakeTable;
    return MakeTable(missing_.back(), seeded_);
  }
  if (way_ == PostgresWay::kClear) {
    trip_ = Trip::kClear;
    if (std::exchange(cleared_, true)) return {};
    return {ClearTables(seeded_)};
  }
  trip_ = Trip::kStatements;
  return NextStatements();
}

std::vector<PostgresCommand> PostgresWork::NextStatements() {
  std::vector<PostgresCommand> commands;
  const int count = statements_.size();
  if (sent_ == count) return commands;
  const bool in_trips = way_ == PostgresWay::kTransaction && count > 1;
  begins_ = in_trips && sent_ == 0;
  if (begins_) commands.push_back({"BEGIN", {}});
  const int end = in_trips ? sent_ + 1 : count;
  for (; sent_ < end; ++sent_) {
    commands.push_back(CommandOf(statements_[sent_], seeded_));
  }
  if (in_trips && sent_ == count) commands.push_back({"COMMIT", {}});
  return commands;
}

void PostgresWork::Take(const std::vector<PostgresResult>& results) {
  if (trip_ == Trip::kRollback) return;
  if (!results.empty() && IsError(results.back())) {
    const PGresult* error = results.back().get();
    // Made again by whoever comes next.
    if (IsNoTable(error)) tables_.clear();
    Stop(StatusOf(error));
    return;
  }
  if (trip_ == Trip::kMakeTable) {
    tables_.insert(missing_.back());
  } else if (trip_ == Trip::kStatements) {
    TakeStatements(results);
  }
}

void PostgresWork::TakeStatements(const std::vector<PostgresResult>& results) {
  std::size_t next = begins_ ? 1 : 0;
  while (results_.size() < sent_ && status_.ok()) {
    auto read =
        ReadResult(statements_[results_.size()], results.at(next++).get());
    if (read.ok()) {
      *results_.Add() = *std::move(read);
    } else {
      Stop(read.status());
    }
  }
}

void PostgresWork::Stop(absl::Status why) {
  if (status_.ok()) status_ = std::move(why);
}

absl::StatusOr<PostgresWork::Results> PostgresWork::Finish() && {
  if (!status_.ok()) return std::move(status_);
  return std::move(results_);
}

}  // namespace perfrig::backends
