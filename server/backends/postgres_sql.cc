#include "server/backends/postgres_sql.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/macros.h"

namespace perfrig::backends {
namespace {

using target::v1::ExecuteRequest;
using target::v1::QueryRequest;
using target::v1::Row;
using target::v1::Statement;
using target::v1::StatementResult;

constexpr std::size_t kLongestName = 63;
constexpr std::uint32_t kDefaultLimit = 100;

// A Row without its key, in wire format: four map entries of fixed lengths, all
// bytes of which are ASCII. %1$s: the table's name, %2$d: the seed, %3$s: the
// key. mod() and no percent sign, because format() reads this too.
constexpr char kColumns[] = R"sql((SELECT convert_to(
  E'\x12\x10\n\x02id\x12\n' || 1000000000 + mod(h.bits, 3294967296)
  || E'\x12\x11\n\x04name\x12\tname-' || 1000 + mod(h.bits >> 8, 9000)
  || E'\x12\x10\n\x06amount\x12\x06' || 100000 + mod(h.bits >> 20, 900000)
  || E'\x12\x48\n\x04text\x12\x40' || h.digest || md5(h.digest), 'UTF8')
FROM (SELECT d.digest, ('x0' || left(d.digest, 15))::bit(64)::bigint AS bits
      FROM (SELECT md5(convert_to(%1$s || ' %2$d ', 'UTF8') || %3$s) AS digest
            OFFSET 0) d OFFSET 0) h))sql";

std::string Quoted(const std::string& table) {
  return absl::StrCat("perfrig.\"", table, "\"");
}

std::string NameIn(const std::string& table) {
  return table.empty() ? "rows" : table;
}

// What stands at `key`, an expression of type bytea, before it is written.
std::string ColumnsOf(const std::string& table, const std::string& key,
                      const SeededRows& seeded) {
  return absl::StrFormat(kColumns, table, seeded.seed, key);
}

std::string Literal(const std::string& name) {
  return absl::StrCat("'", name, "'");
}

PostgresCommand ByKey(const std::string& name, const std::string& key,
                      const SeededRows& seeded) {
  const std::string table = Quoted(name);
  return {absl::StrCat("SELECT columns FROM ", table,
                       " WHERE key = $1 UNION ALL SELECT ",
                       ColumnsOf(Literal(name), "$1", seeded),
                       " WHERE NOT EXISTS (SELECT FROM ", table,
                       " WHERE key = $1)"),
          {key}};
}

PostgresCommand ByRange(const std::string& name, const QueryRequest& query) {
  PostgresCommand command;
  command.values.push_back(query.from());
  const bool ends = !query.to().empty();
  if (ends) command.values.push_back(query.to());
  command.sql =
      absl::StrCat("SELECT key, columns FROM ", Quoted(name),
                   " WHERE key >= $1", ends ? " AND key < $2" : "",
                   " AND columns IS NOT NULL ORDER BY key LIMIT ",
                   query.limit() == 0 ? kDefaultLimit : query.limit());
  return command;
}

PostgresCommand WriteOf(const std::string& name,
                        const ExecuteRequest& request) {
  const std::string table = Quoted(name);
  if (request.has_put()) {
    Row columns = request.put();
    columns.clear_key();
    return {absl::StrCat("INSERT INTO ", table,
                         " VALUES ($1, $2, true) ON CONFLICT (key) DO UPDATE "
                         "SET columns = excluded.columns, written = true"),
            {request.put().key(), columns.SerializeAsString()}};
  }
  return {absl::StrCat("INSERT INTO ", table,
                       " AS t VALUES ($1, NULL, true) ON CONFLICT (key) DO "
                       "UPDATE SET columns = NULL, written = true "
                       "WHERE t.columns IS NOT NULL"),
          {request.delete_()}};
}

std::string_view BytesAt(const PGresult* result, int row, int column) {
  return {PQgetvalue(result, row, column),
          static_cast<std::size_t>(PQgetlength(result, row, column))};
}

absl::Status AddRow(const PGresult* result, int row, int column,
                    std::string_view key, target::v1::QueryResponse& response) {
  if (PQgetisnull(result, row, column) != 0) return absl::OkStatus();
  const std::string_view columns = BytesAt(result, row, column);
  Row& added = *response.add_rows();
  if (!added.ParseFromArray(columns.data(), static_cast<int>(columns.size()))) {
    return absl::InternalError("postgres: a row that perfrig did not write");
  }
  added.set_key(std::string(key));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> TableOf(const Statement& statement) {
  std::string name =
      NameIn(statement.has_query() ? statement.query().table()
                                   : statement.execute().table());
  const auto fits = [](char c) { return absl::ascii_isalnum(c) || c == '_'; };
  if (name.size() <= kLongestName && !absl::ascii_isdigit(name[0]) &&
      std::all_of(name.begin(), name.end(), fits)) {
    return name;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("table: must match [A-Za-z_][A-Za-z0-9_]{0,62}, got \"",
                   name.substr(0, 100), "\""));
}

std::vector<PostgresCommand> MakeTable(const std::string& name,
                                       const SeededRows& seeded) {
  const std::string table = Quoted(name);
  // Only one at a time, whichever daemon it comes from.
  return {
      {"BEGIN", {}},
      {"SET LOCAL statement_timeout = 0", {}},
      {"SELECT pg_advisory_xact_lock(hashtext('perfrig'))", {}},
      {"CREATE SCHEMA IF NOT EXISTS perfrig", {}},
      {absl::StrCat(
           "DO $do$ BEGIN IF to_regclass('", table,
           "') IS NULL THEN CREATE TABLE ", table,
           " (key bytea PRIMARY KEY, columns bytea, "
           "written boolean NOT NULL); INSERT INTO ",
           table, " SELECT k.key, ", ColumnsOf(Literal(name), "k.key", seeded),
           ", false FROM (SELECT convert_to(lpad(i::text, 8, '0'), "
           "'UTF8') AS key FROM generate_series(0, ",
           static_cast<std::int64_t>(seeded.rows) - 1,
           ") i) k; CREATE INDEX ON ", table, " (key) WHERE written; ANALYZE ",
           table, "; END IF; END $do$"),
       {}},
      {"COMMIT", {}},
  };
}

PostgresCommand ClearTables(const SeededRows& seeded) {
  const std::string end = absl::StrFormat("%08u", seeded.rows);
  return {
      absl::StrCat("DO $do$ DECLARE t text; BEGIN FOR t IN SELECT tablename "
                   "FROM pg_tables WHERE schemaname = 'perfrig' LOOP "
                   "EXECUTE format($q$UPDATE perfrig.%1$I SET written = false, "
                   "columns = ",
                   ColumnsOf("%1$L", "key", seeded),
                   " WHERE written AND key < '", end,
                   "' AND encode(key, 'escape') ~ '^[0-9]{8}$'$q$, t); "
                   "EXECUTE format('DELETE FROM perfrig.%I WHERE written', t); "
                   "END LOOP; END $do$"),
      {}};
}

PostgresCommand CommandOf(const Statement& statement,
                          const SeededRows& seeded) {
  if (statement.has_execute()) {
    return WriteOf(NameIn(statement.execute().table()), statement.execute());
  }
  const QueryRequest& query = statement.query();
  const std::string name = NameIn(query.table());
  return query.key().empty() ? ByRange(name, query)
                             : ByKey(name, query.key(), seeded);
}

absl::StatusOr<StatementResult> ReadResult(const Statement& statement,
                                           const PGresult* result) {
  StatementResult read;
  if (statement.has_execute()) {
    std::uint32_t rows = 0;
    const std::string changed = PQcmdTuples(const_cast<PGresult*>(result));
    if (!absl::SimpleAtoi(changed, &rows)) {
      return absl::InternalError("postgres: no number of rows changed");
    }
    read.mutable_execute()->set_rows_changed(rows);
    return read;
  }
  const bool by_key = !statement.query().key().empty();
  auto& response = *read.mutable_query();
  for (int row = 0; row < PQntuples(result); ++row) {
    RETURN_IF_ERROR(AddRow(result, row, by_key ? 0 : 1,
                           by_key ? std::string_view(statement.query().key())
                                  : BytesAt(result, row, 0),
                           response));
  }
  return read;
}

absl::Status StatusOf(const PGresult* result) {
  const auto field = [&](int code) {
    const char* text = PQresultErrorField(result, code);
    return std::string_view(text == nullptr ? "" : text);
  };
  const std::string_view state = field(PG_DIAG_SQLSTATE);
  std::string_view text = field(PG_DIAG_MESSAGE_PRIMARY);
  if (text.empty()) text = PQresultErrorMessage(result);
  const std::string message(absl::StripAsciiWhitespace(
      absl::StrCat("postgres: ", absl::string_view(text.data(), text.size()))));
  const std::string_view kind = state.substr(0, 2);
  // Statements that we cancel have nobody left who hears of it.
  if (state == "57014") return absl::DeadlineExceededError(message);
  if (kind == "40" || state == "55P03") return absl::AbortedError(message);
  if (kind == "53") return absl::ResourceExhaustedError(message);
  if (kind == "22") return absl::InvalidArgumentError(message);
  if (kind == "25") return absl::FailedPreconditionError(message);
  if (state == "42501") return absl::PermissionDeniedError(message);
  if (state.empty() || kind == "08" || kind == "57" || IsNoTable(result)) {
    return absl::UnavailableError(message);
  }
  return absl::InternalError(message);
}

bool IsNoTable(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state != nullptr && std::string_view(state) == "42P01";
}

}  // namespace perfrig::backends
