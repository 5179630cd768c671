// The rows of the Database target: a million a table, made when they are asked
// for, under what was written.
#ifndef PERFRIG_SERVER_TARGETS_ROWS_H_
#define PERFRIG_SERVER_TARGETS_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/sync/mutex.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "perfrig/target/v1/database.pb.h"
#include "server/targets/table.h"

namespace perfrig::targets {

// Thread-safe. Every key can be read: one that nobody wrote has a row made from
// the seed. Ranges walk the table's seeded keys and what was written.
class Rows {
 public:
  using Statements = google::protobuf::RepeatedPtrField<target::v1::Statement>;
  using Results =
      google::protobuf::RepeatedPtrField<target::v1::StatementResult>;

  static constexpr std::size_t kMostRows = 100'000;
  static constexpr std::size_t kMostBytes = 64U << 20;

  // So many rows are read or written.
  static std::size_t Most(const target::v1::Statement& statement);
  // How often it was cleared.
  [[nodiscard]] std::uint64_t epoch() const;
  // All statements, which have been checked, in order, or none of them:
  // RESOURCE_EXHAUSTED where what was written would become too much,
  // UNAVAILABLE where it was cleared since `epoch`.
  absl::StatusOr<Results> Apply(const Statements& statements,
                                std::uint64_t seed, std::uint64_t epoch);
  // Forgets what was written.
  void Clear();

  struct Size {
    std::size_t rows = 0;
    std::size_t bytes = 0;
  };
  [[nodiscard]] Size written() const;

 private:
  using Tables = std::map<std::string, Table, std::less<>>;
  // What stood there before a statement: no entry, or this one.
  struct Undo {
    std::string table;
    std::string key;
    std::optional<Table::Entry> before;
  };

  // What was written of the rows that `query` is about.
  Table WrittenFor(const target::v1::QueryRequest& query) const
      PERFRIG_REQUIRES(mutex_);
  absl::Status Execute(const target::v1::ExecuteRequest& request,
                       target::v1::ExecuteResponse& response,
                       std::vector<Undo>& undo) PERFRIG_REQUIRES(mutex_);
  // Puts `entry` in its place, or nothing; returns what stood there.
  std::optional<Table::Entry> Swap(const std::string& table,
                                   const std::string& key,
                                   std::optional<Table::Entry> entry)
      PERFRIG_REQUIRES(mutex_);

  mutable Mutex mutex_;
  Tables tables_ PERFRIG_GUARDED_BY(mutex_);
  Size written_ PERFRIG_GUARDED_BY(mutex_);
  std::uint64_t epoch_ PERFRIG_GUARDED_BY(mutex_) = 0;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_ROWS_H_
