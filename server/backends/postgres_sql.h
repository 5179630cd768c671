// The tables of a real database and what statements are in SQL: the same rows
// as the mock's to whoever asks, if with other values.
//
// A table is perfrig."NAME" (key bytea, columns bytea, written boolean):
// `columns` is a serialized target.v1.Row without its key, null where the row
// was deleted. Keys and columns may hold any bytes.
#ifndef PERFRIG_SERVER_BACKENDS_POSTGRES_SQL_H_
#define PERFRIG_SERVER_BACKENDS_POSTGRES_SQL_H_

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "perfrig/target/v1/database.pb.h"

namespace perfrig::backends {

struct FreeResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PostgresResult = std::unique_ptr<PGresult, FreeResult>;

struct PostgresCommand {
  std::string sql;
  // $1 and so on, all bytea.
  std::vector<std::string> values;
};

// Where rows come from that nobody wrote.
struct SeededRows {
  std::uint64_t seed = 0;
  // Keys "00000000" and up: at most 100,000,000 of them. Every other key can be
  // read, but is not found by ranges.
  std::uint32_t rows = 1'000'000;
};

// "rows" where it is empty; INVALID_ARGUMENT for what is no name.
absl::StatusOr<std::string> TableOf(const target::v1::Statement& statement);

// Makes and fills the table if it isn't there; together, in this order. A
// million rows take some 10 s, and whoever else wants them waits.
std::vector<PostgresCommand> MakeTable(const std::string& table,
                                       const SeededRows& seeded);
// Brings back what was there before anything was written, in all tables.
PostgresCommand ClearTables(const SeededRows& seeded);

// `statement` has a table that MakeTable made.
PostgresCommand CommandOf(const target::v1::Statement& statement,
                          const SeededRows& seeded);
// INTERNAL for rows that we did not write.
absl::StatusOr<target::v1::StatementResult> ReadResult(
    const target::v1::Statement& statement, const PGresult* result);

// Of a result that is an error.
absl::Status StatusOf(const PGresult* result);
// The table is not there: somebody dropped it.
bool IsNoTable(const PGresult* result);

}  // namespace perfrig::backends

#endif  // PERFRIG_SERVER_BACKENDS_POSTGRES_SQL_H_
