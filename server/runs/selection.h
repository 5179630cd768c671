// What a request to start a run asks for: suites found, overrides applied,
// tests picked, and those added that picked ones' thresholds name.
#ifndef PERFRIG_SERVER_RUNS_SELECTION_H_
#define PERFRIG_SERVER_RUNS_SELECTION_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "perfrig/v1/run.pb.h"
#include "perfrig/v1/suite.pb.h"
#include "server/suites/catalog.h"
#include "server/suites/supplied.h"
#include "server/suites/threshold.h"

namespace perfrig::runs {

struct SelectedSuite {
  // With the selected tests only, in the order of the file.
  v1::Suite suite;
  // Names of tests that run only because others need them.
  std::set<std::string> needed = {};
  // What its templates may name: from its sender, and for a suite of the daemon
  // the daemon's environment, too.
  suites::Supplied supplied = {};
};

// INVALID_ARGUMENT with all problems; NOT_FOUND where a name or the whole
// selection matches nothing.
absl::StatusOr<std::vector<SelectedSuite>> Select(
    const v1::StartRunRequest& request, suites::Catalog& catalog);

// All targets of all tests, as suites name them.
std::set<std::string> TargetsOf(const std::vector<SelectedSuite>& selected);

// Figures of other tests, of this suite or others, that `test` shows
// or its thresholds name; their `suite` is empty where it is this one.
absl::StatusOr<std::vector<suites::MetricRef>> OthersNamed(
    const v1::Suite& suite, const v1::Test& test);

// Fields of `overrides` that are set replace those of `load`; another model
// (users, rate, stages, burst) replaces the load's own.
v1::Load Override(const v1::Load& load, const v1::Load& overrides);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_SELECTION_H_
