#include "server/targets/statements.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/targets/fields.h"

namespace perfrig::targets {
namespace {

using target::v1::ExecuteRequest;
using target::v1::QueryRequest;
using target::v1::Statement;

constexpr std::size_t kLongestName = 63;
constexpr std::size_t kLongestKey = 1'024;
constexpr std::size_t kLargestRow = 64U << 10;
constexpr std::uint32_t kMostRowsOfOne = 1'000;
// Of all statements of one call.
constexpr std::uint32_t kMostRowsOfAll = 10'000;

template <class... Parts>
absl::Status Wrong(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(parts...));
}

absl::Status CheckTable(const std::string& table) {
  const auto fits = [](char c) { return absl::ascii_isalnum(c) || c == '_'; };
  if (table.empty()) return absl::OkStatus();
  if (table.size() <= kLongestName && !absl::ascii_isdigit(table[0]) &&
      std::all_of(table.begin(), table.end(), fits)) {
    return absl::OkStatus();
  }
  return Wrong("table: must match [A-Za-z_][A-Za-z0-9_]{0,62}, got \"",
               table.substr(0, 100), "\"");
}

absl::Status CheckKey(const char* field, const std::string& key,
                      std::size_t least) {
  return CheckBytes(field, key, least, kLongestKey);
}

absl::Status CheckRange(const QueryRequest& query) {
  if (!query.key().empty() && !(query.from().empty() && query.to().empty())) {
    return Wrong("key: must not be set together with from or to");
  }
  if (!query.to().empty() && query.from() > query.to()) {
    return Wrong("from: must be <= to, \"", query.to(), "\", got \"",
                 query.from(), "\"");
  }
  if (query.limit() > kMostRowsOfOne) {
    return Wrong("limit: must be 1 to ", kMostRowsOfOne, ", got ",
                 query.limit());
  }
  return absl::OkStatus();
}

// The first that is wrong.
absl::Status FirstOf(std::initializer_list<absl::Status> checks) {
  for (const absl::Status& check : checks) {
    if (!check.ok()) return check;
  }
  return absl::OkStatus();
}

absl::Status CheckOne(const Statement& statement) {
  if (statement.has_query()) return CheckQuery(statement.query());
  if (statement.has_execute()) return CheckExecute(statement.execute());
  return Wrong("kind: needs query or execute");
}

std::uint32_t RowsOf(const Statement& statement) {
  if (!statement.has_query() || !statement.query().key().empty()) return 1;
  return statement.query().limit() == 0 ? 100 : statement.query().limit();
}

}  // namespace

absl::Status CheckQuery(const QueryRequest& query) {
  return FirstOf({CheckTable(query.table()), CheckKey("key", query.key(), 0),
                  CheckKey("from", query.from(), 0),
                  CheckKey("to", query.to(), 0), CheckRange(query)});
}

absl::Status CheckExecute(const ExecuteRequest& request) {
  absl::Status table = CheckTable(request.table());
  if (!table.ok()) return table;
  switch (request.statement_case()) {
    case ExecuteRequest::kPut:
      if (request.put().ByteSizeLong() > kLargestRow) {
        return Wrong("put: must have at most ", kLargestRow, " bytes, got ",
                     request.put().ByteSizeLong());
      }
      return CheckKey("put.key", request.put().key(), 1);
    case ExecuteRequest::kDelete:
      return CheckKey("delete", request.delete_(), 1);
    case ExecuteRequest::STATEMENT_NOT_SET:
      return Wrong("statement: needs put or delete");
  }
  return absl::OkStatus();
}

absl::Status CheckStatements(const Rows::Statements& statements, int most) {
  if (statements.empty() || statements.size() > most) {
    return Wrong("statements: must be 1 to ", most, ", got ",
                 statements.size());
  }
  std::uint32_t rows = 0;
  for (int i = 0; i < statements.size(); ++i) {
    const absl::Status checked = CheckOne(statements[i]);
    if (!checked.ok()) {
      return Wrong("statements[", i, "].", checked.message());
    }
    rows += RowsOf(statements[i]);
  }
  if (rows > kMostRowsOfAll) {
    return Wrong("statements: must ask for at most ", kMostRowsOfAll,
                 " rows together, got ", rows);
  }
  return absl::OkStatus();
}

}  // namespace perfrig::targets
