// What the data templates of a suite take from elsewhere.
#ifndef PERFRIG_SERVER_SUITES_SUPPLIED_H_
#define PERFRIG_SERVER_SUITES_SUPPLIED_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "perfrig/v1/suite.pb.h"
#include "server/suites/csv_table.h"

namespace perfrig::suites {

struct Supplied {
  // For {{env NAME}}, and the keys of {{jwt}}.
  std::map<std::string, std::string> variables = {};
  // For {{csv FILE COLUMN}}, by name as the suite writes it; an error says what
  // is wrong with the file.
  std::map<std::string, absl::StatusOr<CsvTable>> tables = {};
  // For {{name}}: what `before` captured for the calls of this round.
  std::map<std::string, std::string> captured = {};
  // From when on {{jwt}} counts.
  absl::Time now = absl::UnixEpoch();
};

// What came with the text of a suite.
Supplied SuppliedWith(const v1::SuiteSource& source);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_SUPPLIED_H_
