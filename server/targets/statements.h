// What a Database target takes.
#ifndef PERFRIG_SERVER_TARGETS_STATEMENTS_H_
#define PERFRIG_SERVER_TARGETS_STATEMENTS_H_

#include "absl/status/status.h"
#include "server/targets/rows.h"

namespace perfrig::targets {

// INVALID_ARGUMENT naming field, rule and value.
absl::Status CheckQuery(const target::v1::QueryRequest& query);
absl::Status CheckExecute(const target::v1::ExecuteRequest& request);
// From 1 to `most`, each of them right, and not too many rows together.
absl::Status CheckStatements(const Rows::Statements& statements, int most);

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_STATEMENTS_H_
