// Runs, targets, the daemon's state and its calibration as tables.
#ifndef PERFRIG_CLIENT_VIEWS_RIG_TEXT_H_
#define PERFRIG_CLIENT_VIEWS_RIG_TEXT_H_

#include <string>

#include "absl/time/time.h"
#include "client/terminal/style.h"
#include "perfrig/v1/rig.pb.h"
#include "perfrig/v1/run.pb.h"
#include "perfrig/v1/target.pb.h"

namespace perfrig {

[[nodiscard]] std::string RenderRunList(const v1::ListRunsResponse& list,
                                        Style style, int columns);
// `now` dates the daemon's start.
[[nodiscard]] std::string RenderStatus(const v1::Status& status, absl::Time now,
                                       Style style);
[[nodiscard]] std::string RenderCalibration(const v1::Calibration& calibration,
                                            Style style);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_VIEWS_RIG_TEXT_H_
