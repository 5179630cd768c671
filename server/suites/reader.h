// Reads a suite from YAML, checks it, and says everything that is wrong with
// it: file, line, column, field, rule and value.
#ifndef PERFRIG_SERVER_SUITES_READER_H_
#define PERFRIG_SERVER_SUITES_READER_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "perfrig/v1/suite.pb.h"
#include "server/suites/local_functions.h"
#include "server/suites/supplied.h"
#include "server/suites/threshold.h"

namespace perfrig::suites {

// What a suite may name outside of itself. What is absent is not checked.
struct Surroundings {
  // Suites that thresholds may name.
  FindSuite others = nullptr;
  // What `local:` calls may name; they outlive this.
  const LocalFunctions* local_functions = nullptr;
};

struct ReadResult {
  // As understood; absent if the text is no suite at all.
  std::optional<v1::Suite> suite;
  // Empty: the suite can be run.
  std::vector<v1::Problem> problems;
};

// Reads text and checks it (CheckSuite included). `${NAME}` and `{{env NAME}}`
// take their values from `source.variables` and nowhere else, `{{csv}}` from
// `source.files`.
ReadResult ReadSuite(const v1::SuiteSource& source,
                     const Surroundings& around = {});

using VariableMap = std::map<std::string, std::string>;

// The checks that need no target: ranges, names, templates, thresholds and the
// metrics they name, built-in methods and their fields where `targets` is
// self. `{{env NAME}}` and the like must be among what is `supplied`; null:
// any name will do.
// Problems carry fields but no lines.
std::vector<v1::Problem> CheckSuite(const v1::Suite& suite,
                                    const Supplied* supplied = nullptr,
                                    const Surroundings& around = {});

// INVALID_ARGUMENT with all problems as text, and as violations that carry
// their places.
absl::Status ToStatus(const std::vector<v1::Problem>& problems);

// "file:line:column: field message" and so on, one a line.
std::string ToText(const std::vector<v1::Problem>& problems);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_READER_H_
