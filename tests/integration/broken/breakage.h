// Targets that are broken, and which shipped tests must notice, by which
// threshold: a suite that passes whatever happens is worse than none.
#ifndef PERFRIG_TESTS_INTEGRATION_BROKEN_BREAKAGE_H_
#define PERFRIG_TESTS_INTEGRATION_BROKEN_BREAKAGE_H_

#include <string>
#include <vector>

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
  // One that whole targets bear: what is missed has to be for what is broken.
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

std::vector<Breakage> CoreBreakages();
std::vector<Breakage> IngesterBreakages();
// Their tests need an S3 server.
std::vector<Breakage> IngesterS3Breakages();
std::vector<Breakage> LlmBreakages();
std::vector<Breakage> SalesTalkBreakages();
std::vector<Breakage> SparkleBreakages();
// Of its suites of processes, sessions, phases and improvements.
std::vector<Breakage> SparkleScaleBreakages();

}  // namespace perfrig

#endif  // PERFRIG_TESTS_INTEGRATION_BROKEN_BREAKAGE_H_
