// Suites that lie on this host.
#ifndef PERFRIG_CLIENT_DAEMON_SUITE_FILE_H_
#define PERFRIG_CLIENT_DAEMON_SUITE_FILE_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "perfrig/v1/suite.pb.h"

namespace perfrig {

// True if the argument of `run` or `check` means a file, not a suite's name:
// it ends with .yaml or .yml, or is a file.
[[nodiscard]] bool MeansFile(const std::string& argument);

// The whole of `path` ("-": standard input). FAILED_PRECONDITION where it has
// more than `limit` bytes; another code where it cannot be read.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path,
                                          std::size_t limit);

// The suite with the values it needs, from `settings` first, then from this
// process's environment. FAILED_PRECONDITION with file, line and column where
// the text can be no suite; another code where it cannot be read.
absl::StatusOr<v1::SuiteSource> ReadSuite(
    const std::string& path,
    const std::map<std::string, std::string>& settings);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_DAEMON_SUITE_FILE_H_
