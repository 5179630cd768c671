// Shipped suites on targets that are broken.
//
//   INSTANTIATE_TEST_SUITE_P(Llm, BrokenTargets,
//                            ::testing::ValuesIn(LlmBreakages()), NameOf);
#ifndef PERFRIG_TESTS_INTEGRATION_BROKEN_BROKEN_TARGETS_H_
#define PERFRIG_TESTS_INTEGRATION_BROKEN_BROKEN_TARGETS_H_

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "perfrig/v1/run.pb.h"
#include "tests/integration/broken/breakage.h"
#include "tests/integration/daemon_fixture.h"

namespace perfrig {

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

  // Of all that the parameter names, on a daemon like this one, so broken.
  void ExpectAllMisses(Config config = FreePorts());

 private:
  void StartBroken(Config config);
  // Runs its tests, and expects of each that it misses what it should.
  void ExpectMisses(const BrokenRun& run);

  std::string path_;
};

}  // namespace perfrig

#endif  // PERFRIG_TESTS_INTEGRATION_BROKEN_BROKEN_TARGETS_H_
