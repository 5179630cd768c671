#include "server/run_log.h"

#include "server/logging.h"

namespace perfrig {
namespace {

void LogIfFinished(const runs::EventLog& events) {
  const std::uint64_t last = events.last_sequence();
  bool missed = false;
  for (const auto& event : events.Read(last - 1, 1, &missed)) {
    if (!event->has_finished()) continue;
    const v1::Run& run = event->finished();
    LogInfo("run finished", {{"run", run.name()},
                             {"verdict", v1::Verdict_Name(run.verdict())},
                             {"reason", run.reason()}});
  }
}

}  // namespace

void LogRun(const v1::Run& run, const std::shared_ptr<runs::EventLog>& events) {
  LogInfo("run queued", {{"run", run.name()},
                         {"ahead", std::to_string(run.queue_position())}});
  // Stays as long as the events do, and does not keep them.
  events->AddListener([weak = std::weak_ptr<runs::EventLog>(events)] {
    if (const auto log = weak.lock()) LogIfFinished(*log);
  });
}

}  // namespace perfrig
