// Verdicts as words, marks and exit codes.
#ifndef PERFRIG_CLIENT_VIEWS_VERDICT_H_
#define PERFRIG_CLIENT_VIEWS_VERDICT_H_

#include <string>

#include "client/terminal/style.h"
#include "perfrig/v1/run.pb.h"

namespace perfrig {

inline constexpr int kExitError = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitNoDaemon = 3;
inline constexpr int kExitCancelled = 130;

// PASS 0, FAIL 99, INCONCLUSIVE 98, INVALID 97, CANCELLED 130; ERROR, SKIPPED
// and no verdict at all 1.
[[nodiscard]] int ExitCode(v1::Verdict verdict);

// "PASS"; "-" where there is none yet.
[[nodiscard]] std::string VerdictName(v1::Verdict verdict);
[[nodiscard]] Color VerdictColor(v1::Verdict verdict);
// The name, painted.
[[nodiscard]] std::string PaintedVerdict(v1::Verdict verdict, Style style);
// "queued", "running 25 %"; the painted verdict of a run that has finished.
[[nodiscard]] std::string StateOrVerdict(const v1::Run& run, Style style);
// One painted column: a tick, a cross, …
[[nodiscard]] std::string VerdictMark(v1::Verdict verdict, Style style);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_VIEWS_VERDICT_H_
