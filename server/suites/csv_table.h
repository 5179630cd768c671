// A CSV file (RFC 4180), by columns. Its first line names them.
#ifndef PERFRIG_SERVER_SUITES_CSV_TABLE_H_
#define PERFRIG_SERVER_SUITES_CSV_TABLE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace perfrig::suites {

class CsvTable {
 public:
  // Values of a column, from the first row to the last; at least one.
  using Column = std::shared_ptr<const std::vector<std::string>>;

  // Lines end in CRLF or LF; fields in quotes may hold both, commas, and quotes
  // written twice; empty lines are left out. INVALID_ARGUMENT
  // "file:line:column: …" for what is no such table or not UTF-8; `file` names
  // it there.
  static absl::StatusOr<CsvTable> Parse(std::string file,
                                        std::string_view text);

  // INVALID_ARGUMENT with the nearest name.
  absl::StatusOr<Column> Find(std::string_view name) const;

 private:
  std::string file_;
  std::vector<std::string> names_;
  std::vector<Column> columns_;
};

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_CSV_TABLE_H_
