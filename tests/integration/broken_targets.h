// Shipped suites on targets that are broken: which tests must notice, and by
// which threshold.
//
//   INSTANTIATE_TEST_SUITE_P(Llm, BrokenTargets, ::testing::ValuesIn(kCases),
//                            NameOf);
#ifndef PERFRIG_TESTS_INTEGRATION_BROKEN_TARGETS_H_
#define PERFRIG_TESTS_INTEGRATION_BROKEN_TARGETS_H_

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "perfrig/v1/run.pb.h"
#include "tests/integration/daemon_fixture.h"

namespace perfrig {

// What must go wrong in one test.
struct Miss {
  std::string test;
  // As the suite writes it.
  std::string threshold;
  // Part of one of the test's hints; "": any or none.
  std::string hint = {};
};

// Tests of one suite that run together.
struct BrokenRun {
  // v1::Load as text, for all of them, so that the run is short; "": their own.
  std::string load;
  std::vector<Miss> misses;
  // 0: as the tests say.
  int rounds = 0;
};

struct Breakage {
  // [A-Za-z0-9]+.
  std::string name;
  // The daemon's --behavior file: slower, failing or smaller by far, so that
  // no machine, however busy, can hide or feign it.
  std::string behavior;
  std::string suite;
  std::vector<BrokenRun> runs;
};

inline void PrintTo(const Breakage& breakage, std::ostream* out) {
  *out << breakage.behavior;
}

inline std::string NameOf(const ::testing::TestParamInfo<Breakage>& info) {
  return info.param.name;
}

class BrokenTargets : public DaemonTest,
                      public ::testing::WithParamInterface<Breakage> {
 protected:
  ~BrokenTargets() override;

  void StartBroken(const std::string& behavior);
  // Runs its tests, and expects of each that it misses what it should.
  void ExpectMisses(const std::string& suite, const BrokenRun& run);

 private:
  std::string path_;
};

}  // namespace perfrig

#endif  // PERFRIG_TESTS_INTEGRATION_BROKEN_TARGETS_H_
