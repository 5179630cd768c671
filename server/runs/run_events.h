// Events that tell of a run as a whole.
#ifndef PERFRIG_SERVER_RUNS_RUN_EVENTS_H_
#define PERFRIG_SERVER_RUNS_RUN_EVENTS_H_

#include <memory>
#include <string>

#include "common/time/clock.h"
#include "google/protobuf/timestamp.pb.h"
#include "perfrig/v1/run.pb.h"

namespace perfrig::runs {

google::protobuf::Timestamp WallTime(const Clock& clock);

v1::RunEvent StateEvent(const v1::Run& run, const Clock& clock);

v1::RunEvent NoteEvent(std::string note, const Clock& clock);

// The event that holds a finished run. It gets its number from the log; nobody
// else changes it.
std::shared_ptr<v1::RunEvent> FinishedEvent(v1::Run run, const Clock& clock);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_RUN_EVENTS_H_
