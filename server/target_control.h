// Looking after mock targets: this daemon's own, and another's.
#ifndef PERFRIG_SERVER_TARGET_CONTROL_H_
#define PERFRIG_SERVER_TARGET_CONTROL_H_

#include <memory>
#include <stop_token>
#include <string>

#include "common/time/clock.h"
#include "server/runs/ports.h"
#include "server/targets/host.h"

namespace perfrig {

// `host` outlives the control.
std::unique_ptr<runs::TargetControl> ControlOf(targets::Host& host);

// Asks perfrig.v1.Targets at the address; null where nothing answers or the
// service is not there. Blocks for up to a few seconds, unless `stop` is
// requested. `clock` outlives the
// control.
std::unique_ptr<runs::TargetControl> ControlAt(Clock& clock,
                                               const std::string& address,
                                               const std::stop_token& stop);

}  // namespace perfrig

#endif  // PERFRIG_SERVER_TARGET_CONTROL_H_
