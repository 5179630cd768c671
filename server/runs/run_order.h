// In which order the tests of a run are at work.
#ifndef PERFRIG_SERVER_RUNS_RUN_ORDER_H_
#define PERFRIG_SERVER_RUNS_RUN_ORDER_H_

#include <cstdint>
#include <vector>

#include "server/runs/selection.h"

namespace perfrig::runs {

// A test of a run and the suite that it belongs to; both outlive it.
struct Turn {
  const SelectedSuite* chosen = nullptr;
  const v1::Test* test = nullptr;
};

// In the order of suites and files; with a seed, all tests of all suites in an
// order drawn from it.
std::vector<Turn> OrderOf(const std::vector<SelectedSuite>& selected,
                          std::uint64_t shuffle_seed);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_RUN_ORDER_H_
