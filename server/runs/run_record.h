// What is known of one run.
#ifndef PERFRIG_SERVER_RUNS_RUN_RECORD_H_
#define PERFRIG_SERVER_RUNS_RUN_RECORD_H_

#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "common/time/clock.h"
#include "perfrig/v1/run.pb.h"
#include "server/runs/event_log.h"
#include "server/runs/selection.h"

namespace perfrig::runs {

struct RunRecord {
  v1::StartRunRequest request;
  // Of the request, which is let go of when the run is done.
  std::size_t fingerprint = 0;
  std::vector<SelectedSuite> selected;
  std::shared_ptr<EventLog> log = std::make_shared<EventLog>();
  // Requested to stop when the run is cancelled.
  std::stop_source stop;

  // From here on guarded by Runs' mutex. `run` is replaced, never changed, so
  // that readers need no lock while they read. Of a finished run it is part of
  // the log's last event: a result is held once.
  std::shared_ptr<const v1::Run> run;
  // What a finished run takes in memory.
  std::size_t bytes = 0;
  std::string cancel_reason;
  // The last event of a run that never began, until it has been sent.
  std::shared_ptr<v1::RunEvent> untold;
  bool needs_watcher = false;
  int watchers = 0;
  Nanos alone_since = 0;
};

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_RUN_RECORD_H_
