#include "server/targets/rows.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/targets/behavior/random.h"

namespace perfrig::targets {
namespace {

using target::v1::ExecuteRequest;
using target::v1::ExecuteResponse;
using target::v1::QueryRequest;
using target::v1::QueryResponse;
using target::v1::Row;

constexpr std::uint32_t kDefaultLimit = 100;
// What an entry takes beside its key and columns.
constexpr std::size_t kEntryBytes = 128;

Row MakeRow(std::uint64_t seed, const std::string& table,
            const std::string& key) {
  Random random = Random::OfCall(seed ^ HashOf(table), HashOf(key));
  Row row;
  row.set_key(key);
  auto& columns = *row.mutable_columns();
  columns["id"] = absl::StrCat(random.Next() >> 32);
  columns["name"] = absl::StrCat("name-", random.Next() % 10'000);
  columns["amount"] = absl::StrCat(random.Next() % 1'000'000);
  std::string text;
  for (int i = 0; i < 4; ++i) {
    absl::StrAppend(&text, absl::Hex(random.Next(), absl::kZeroPad16));
  }
  columns["text"] = std::move(text);
  return row;
}

std::string TableOf(const std::string& table) {
  return table.empty() ? "rows" : table;
}

std::size_t BytesOf(const std::string& key, const Table::Entry& row) {
  return kEntryBytes + key.size() + (row == nullptr ? 0 : row->ByteSizeLong());
}

std::size_t LimitOf(const QueryRequest& query) {
  return query.limit() == 0 ? kDefaultLimit : query.limit();
}

// `written` is what WrittenFor gives.
QueryResponse Answer(const QueryRequest& query, std::uint64_t seed,
                     const Table& written) {
  const std::string name = TableOf(query.table());
  QueryResponse response;
  if (!query.key().empty()) {
    const std::optional<Table::Entry> entry = written.Find(query.key());
    if (!entry.has_value()) {
      *response.add_rows() = MakeRow(seed, name, query.key());
    } else if (*entry != nullptr) {
      *response.add_rows() = **entry;
    }
    return response;
  }

  const int limit = static_cast<int>(LimitOf(query));
  std::uint32_t number = written.NextShown(FirstSeeded(query.from()));
  auto row = written.rows().begin();
  while (response.rows_size() < limit) {
    const bool seeded = number < kSeededRows;
    if (!seeded && row == written.rows().end()) break;
    const std::string made = seeded ? SeededKey(number) : std::string();
    const bool is_written =
        row != written.rows().end() && (!seeded || row->first <= made);
    const std::string& key = is_written ? row->first : made;
    if (!query.to().empty() && key >= query.to()) break;
    if (seeded && key == made) number = written.NextShown(number + 1);
    if (is_written) {
      *response.add_rows() = *(row++)->second;
    } else {
      *response.add_rows() = MakeRow(seed, name, made);
    }
  }
  return response;
}

}  // namespace

std::size_t Rows::Most(const target::v1::Statement& statement) {
  const QueryRequest& query = statement.query();
  return statement.has_query() && query.key().empty() ? LimitOf(query) : 1;
}

absl::StatusOr<Rows::Results> Rows::Apply(const Statements& statements,
                                          std::uint64_t seed,
                                          std::uint64_t epoch) {
  Results results;
  // For each query, in order.
  std::vector<Table> written;
  {
    MutexLock lock(mutex_);
    if (epoch != epoch_) return absl::UnavailableError("the target was reset");
    std::vector<Undo> undo;
    for (const target::v1::Statement& statement : statements) {
      auto& result = *results.Add();
      if (statement.has_query()) {
        written.push_back(WrittenFor(statement.query()));
        continue;
      }
      const absl::Status executed =
          Execute(statement.execute(), *result.mutable_execute(), undo);
      if (executed.ok()) continue;
      std::reverse(undo.begin(), undo.end());
      for (Undo& step : undo) {
        Swap(step.table, step.key, std::move(step.before));
      }
      return executed;
    }
  }
  // What takes long holds up nobody.
  auto of_query = written.begin();
  for (int i = 0; i < statements.size(); ++i) {
    if (!statements[i].has_query()) continue;
    *results[i].mutable_query() =
        Answer(statements[i].query(), seed, *of_query++);
  }
  return results;
}

void Rows::Clear() {
  // Freed after the lock.
  Tables freed;
  MutexLock lock(mutex_);
  freed.swap(tables_);
  written_ = {};
  ++epoch_;
}

std::uint64_t Rows::epoch() const {
  MutexLock lock(mutex_);
  return epoch_;
}

Rows::Size Rows::written() const {
  MutexLock lock(mutex_);
  return written_;
}

Table Rows::WrittenFor(const QueryRequest& query) const {
  const auto found = tables_.find(TableOf(query.table()));
  return found == tables_.end() ? Table()
                                : found->second.PartFor(query, LimitOf(query));
}

absl::Status Rows::Execute(const ExecuteRequest& request,
                           ExecuteResponse& response, std::vector<Undo>& undo) {
  const std::string table = TableOf(request.table());
  const bool deletes = request.has_delete_();
  const std::string& key = deletes ? request.delete_() : request.put().key();
  Table::Entry entry =
      deletes ? nullptr : std::make_shared<const Row>(request.put());
  std::optional<Table::Entry> before = Swap(table, key, std::move(entry));
  const bool was_there = !before.has_value() || *before != nullptr;
  response.set_rows_changed(!deletes || was_there ? 1 : 0);
  undo.push_back({table, key, std::move(before)});
  if (written_.rows <= kMostRows && written_.bytes <= kMostBytes) {
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError(
      absl::StrCat("execute: at most ", kMostRows, " rows or ", kMostBytes,
                   " bytes may be written until the target is reset"));
}

std::optional<Table::Entry> Rows::Swap(const std::string& table,
                                       const std::string& key,
                                       std::optional<Table::Entry> entry) {
  if (entry.has_value()) {
    ++written_.rows;
    written_.bytes += BytesOf(key, *entry);
  }
  Table& rows = tables_[table];
  std::optional<Table::Entry> before = rows.Swap(key, std::move(entry));
  if (before.has_value()) {
    --written_.rows;
    written_.bytes -= BytesOf(key, *before);
  }
  if (rows.empty()) tables_.erase(table);
  return before;
}

}  // namespace perfrig::targets
