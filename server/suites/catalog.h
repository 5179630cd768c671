// All suites that the daemon can run by name: the shipped ones, and those of
// the operator's folder, which replace shipped ones of the same name.
#ifndef PERFRIG_SERVER_SUITES_CATALOG_H_
#define PERFRIG_SERVER_SUITES_CATALOG_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/sync/mutex.h"
#include "perfrig/v1/suite.pb.h"
#include "server/suites/local_functions.h"
#include "server/suites/reader.h"

namespace perfrig::suites {

// Thread-safe.
class Catalog {
 public:
  // `folder` may be empty. `environment` are the variables that the operator's
  // and the shipped suites may name, `local_functions` what `local:` may name
  // in any suite.
  Catalog(std::string folder, std::map<std::string, std::string> environment,
          LocalFunctions local_functions);

  // Reads the folder again if a file in it has changed; called before each
  // look-up.
  void Refresh();

  // Ordered by name. `pattern` is a glob; empty: all. "suites/" may be left
  // out.
  std::vector<v1::Suite> List(std::string_view pattern);
  // NOT_FOUND with the nearest name; INVALID_ARGUMENT with all problems where
  // the operator's file is broken. Variables given here win over the
  // environment's.
  absl::StatusOr<v1::Suite> Get(
      std::string_view name,
      const std::map<std::string, std::string>& variables = {});
  // The text of a suite with what came with it; empty where there is none.
  v1::SuiteSource Source(std::string_view name);
  // What any suite may name where it stands alone: no other suites are asked.
  // This outlives it.
  Surroundings Alone() const { return {nullptr, &local_functions_}; }
  // With the suites of this catalog beside it, which take these variables.
  Surroundings SurroundingsWith(
      const std::map<std::string, std::string>& variables);
  // Names that match, ordered; NOT_FOUND with the nearest name where none does.
  absl::StatusOr<std::vector<std::string>> Match(std::string_view pattern);
  // Problems of the operator's files as they are now.
  std::vector<v1::Problem> Problems();
  // Of the daemon.
  const std::map<std::string, std::string>& environment() const {
    return environment_;
  }

 private:
  struct Entry {
    v1::SuiteSource source;
    v1::Suite suite;
    std::vector<v1::Problem> problems;
    // Of what it names of other suites, where it has no other problems.
    std::vector<v1::Problem> problems_with_others;
  };
  using Entries = std::map<std::string, Entry>;

  Entry ReadEntry(v1::SuiteSource source) const;
  // By name without "suites/".
  Entries Load() const;
  void LoadFolder(Entries& entries) const;
  void CheckTogether(Entries& entries) const;
  absl::StatusOr<v1::Suite> Read(
      std::string_view name,
      const std::map<std::string, std::string>& variables,
      const Surroundings& around);
  static absl::Status NotFound(const Entries& entries, const std::string& name);

  const std::string folder_;
  const std::map<std::string, std::string> environment_;
  const LocalFunctions local_functions_;
  Mutex mutex_;
  // Path, size and time of change of all files, to see whether to read again.
  std::string fingerprint_ PERFRIG_GUARDED_BY(mutex_);
  Entries entries_ PERFRIG_GUARDED_BY(mutex_);
};

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_CATALOG_H_
