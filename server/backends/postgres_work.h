// What one call has to ask of a database, trip by trip.
#ifndef PERFRIG_SERVER_BACKENDS_POSTGRES_WORK_H_
#define PERFRIG_SERVER_BACKENDS_POSTGRES_WORK_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "server/backends/postgres_sql.h"

namespace perfrig::backends {

enum class PostgresWay {
  // A trip for each statement.
  kTransaction,
  // One trip for all.
  kBatch,
  // No statements: forgets what was written.
  kClear,
};

// All statements or none, either way. Of one thread.
class PostgresWork {
 public:
  using Statements = google::protobuf::RepeatedPtrField<target::v1::Statement>;
  using Results =
      google::protobuf::RepeatedPtrField<target::v1::StatementResult>;
  // Those known to be there; shared by all work of a pool.
  using Tables = std::set<std::string, std::less<>>;

  // `names` are the tables of `statements`; `tables` outlives this.
  PostgresWork(Statements statements, PostgresWay way,
               std::vector<std::string> names, const SeededRows& seeded,
               Tables& tables);

  // The next trip; nothing to send when all is done.
  std::vector<PostgresCommand> Next(bool in_transaction);
  // This trip may take as long as filling a table does.
  [[nodiscard]] bool makes_table() const { return trip_ == Trip::kMakeTable; }
  // Its results, up to the first error.
  void Take(const std::vector<PostgresResult>& results);
  // Nothing more but what leaves the connection clean.
  void Stop(absl::Status why);

  absl::StatusOr<Results> Finish() &&;

 private:
  enum class Trip { kMakeTable, kStatements, kClear, kRollback };

  void TakeStatements(const std::vector<PostgresResult>& results);
  // Those of the next trip that are not statements come before these.
  std::vector<PostgresCommand> NextStatements();

  const Statements statements_;
  const PostgresWay way_;
  const SeededRows& seeded_;
  Tables& tables_;
  std::vector<std::string> missing_;
  Trip trip_ = Trip::kStatements;
  // Statements sent; results_ are those that came back.
  int sent_ = 0;
  bool cleared_ = false;
  // BEGIN stands before the statements of the trip.
  bool begins_ = false;
  Results results_;
  absl::Status status_;
};

}  // namespace perfrig::backends

#endif  // PERFRIG_SERVER_BACKENDS_POSTGRES_WORK_H_
