// Tells the operator of runs as they come and go.
#ifndef PERFRIG_SERVER_RUN_LOG_H_
#define PERFRIG_SERVER_RUN_LOG_H_

#include <memory>

#include "perfrig/v1/run.pb.h"
#include "server/runs/event_log.h"

namespace perfrig {

// Logs that the run was queued, and later its verdict.
void LogRun(const v1::Run& run, const std::shared_ptr<runs::EventLog>& events);

}  // namespace perfrig

#endif  // PERFRIG_SERVER_RUN_LOG_H_
