// What this host can measure: the clock, the timers, the pacing of load.
#ifndef PERFRIG_SERVER_RUNS_CALIBRATION_H_
#define PERFRIG_SERVER_RUNS_CALIBRATION_H_

#include <stop_token>

#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "perfrig/v1/rig.pb.h"
#include "server/load/generator.h"
#include "server/runs/ports.h"

namespace perfrig::runs {

// Measures for about 10 s; blocks, and ends as CANCELLED soon after `stop` is
// requested. Nothing else should run meanwhile, which
// Runs::Exclusively sees to.
absl::StatusOr<v1::Calibration> Calibrate(Clock& clock, TargetAccess& access,
                                          load::Generator& generator,
                                          const std::stop_token& stop);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_CALIBRATION_H_
