#include "server/runs/run_events.h"

#include <utility>

#include "google/protobuf/util/time_util.h"

namespace perfrig::runs {

google::protobuf::Timestamp WallTime(const Clock& clock) {
  return google::protobuf::util::TimeUtil::NanosecondsToTimestamp(
      absl::ToUnixNanos(clock.WallTime()));
}

v1::RunEvent StateEvent(const v1::Run& run, const Clock& clock) {
  v1::RunEvent event;
  *event.mutable_time() = WallTime(clock);
  *event.mutable_run() = run;
  return event;
}

v1::RunEvent NoteEvent(std::string note, const Clock& clock) {
  v1::RunEvent event;
  *event.mutable_time() = WallTime(clock);
  event.set_note(std::move(note));
  return event;
}

std::shared_ptr<v1::RunEvent> FinishedEvent(v1::Run run, const Clock& clock) {
  auto event = std::make_shared<v1::RunEvent>();
  *event->mutable_time() = WallTime(clock);
  *event->mutable_finished() = std::move(run);
  return event;
}

}  // namespace perfrig::runs
