// From figures to verdicts, as docs/measurement.md says. Pure.
#ifndef PERFRIG_SERVER_RUNS_VERDICTS_H_
#define PERFRIG_SERVER_RUNS_VERDICTS_H_

#include <string>
#include <vector>

#include "perfrig/v1/run.pb.h"
#include "perfrig/v1/suite.pb.h"
#include "server/runs/measured_test.h"
#include "server/runs/metric_view.h"

namespace perfrig::runs {

// The worse of two: ERROR > CANCELLED > FAIL > INVALID > INCONCLUSIVE > PASS >
// SKIPPED.
v1::Verdict Worse(v1::Verdict a, v1::Verdict b);

struct Judged {
  v1::Verdict verdict = v1::PASS;
  // One line; empty for PASS.
  std::string reason;
  std::vector<v1::ThresholdResult> thresholds;
  std::vector<std::string> hints;
};

// What the test shows, in its order; as Judge looks at its figures.
std::vector<v1::ShownFigure> Show(const v1::Suite& suite, const v1::Test& test,
                                  const TestLookup& tests);

// Judges the thresholds of `test` (the implied one included) on what was
// measured; `tests` finds it, and others that its thresholds name.
Judged Judge(const v1::Suite& suite, const v1::Test& test,
             const MeasuredTest& measured, const TestLookup& tests);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_VERDICTS_H_
