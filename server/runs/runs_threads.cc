// What Runs does on threads of its own: one run after the other, and an eye on
// those that nobody watches.
#include <algorithm>
#include <utility>

#include "server/runs/brief.h"
#include "server/runs/executor.h"
#include "server/runs/run_events.h"
#include "server/runs/run_record.h"
#include "server/runs/runs.h"

namespace perfrig::runs {
namespace {

constexpr Nanos kPatience = 10 * kSecond;

}  // namespace

void Runs::WorkQueue() {
  for (;;) {
    Queued next;
    std::stop_token stop;
    {
      MutexLock lock(mutex_);
      while (queue_.empty() && !stopping_) changed_.Wait(mutex_);
      if (queue_.empty()) return;
      next = std::move(queue_.front());
      queue_.pop_front();
      busy_ = true;
      current_ = next.record;
      stop = stop_work_.get_token();
    }
    if (next.record != nullptr) {
      Execute(next.record);
    } else {
      next.work(stop);
    }
    MutexLock lock(mutex_);
    busy_ = false;
    current_ = nullptr;
    snapshot_ = nullptr;
    kept_.ForgetOldest();
    changed_.NotifyAll();
  }
}

void Runs::Execute(const Record& record) {
  v1::Run run;
  {
    MutexLock lock(mutex_);
    run = *record->run;
    run.set_state(v1::RUNNING);
    run.clear_queue_position();
    *run.mutable_start_time() = WallTime(clock_);
    record->run = std::make_shared<const v1::Run>(run);
  }
  record->log->Append(StateEvent(run, clock_));
  const auto publish = [&](const v1::Run& state) {
    auto copy = std::make_shared<const v1::Run>(state);
    MutexLock lock(mutex_);
    record->run = std::move(copy);
  };
  ExecutorHooks hooks{.on_run = publish, .on_event = [&](v1::RunEvent event) {
                        if (event.has_snapshot()) KeepSnapshot(event);
                        record->log->Append(std::move(event));
                      }};
  Executor executor(clock_, generator_, access_, record->stop.get_token(),
                    std::move(hooks));
  executor.Execute(record->selected, record->request, run);
  run.set_state(v1::FINISHED);
  *run.mutable_end_time() = WallTime(clock_);
  if (run.verdict() == v1::CANCELLED) {
    MutexLock lock(mutex_);
    run.set_reason(record->cancel_reason);
  }
  auto event = FinishedEvent(std::move(run), clock_);
  const std::size_t bytes = event->SpaceUsedLong();
  {
    MutexLock lock(mutex_);
    for (const v1::SuiteResult& suite : event->finished().suites()) {
      ++finished_[{suite.suite().name(), suite.verdict()}];
    }
    record->bytes = bytes;
    record->run = {event, &event->finished()};
    // What the run was made of stands in its result now.
    record->selected.clear();
    record->request.Clear();
  }
  record->log->Append(std::move(event));
}

void Runs::KeepSnapshot(v1::RunEvent& event) {
  auto snapshot = std::make_shared<const v1::Snapshot>(event.snapshot());
  ClearHistograms(*event.mutable_snapshot()->mutable_total());
  MutexLock lock(mutex_);
  snapshot_ = std::move(snapshot);
}

void Runs::KeepHouse() {
  for (;;) {
    std::vector<Record> abandoned;
    {
      MutexLock lock(mutex_);
      while (!stopping_ && clock_.Now() < PatienceEnds()) {
        changed_.WaitUntil(mutex_, PatienceEnds());
      }
      if (stopping_) return;
      abandoned = CancelAbandoned();
    }
    TellIfFinished(abandoned);
  }
}

std::vector<Runs::Record> Runs::Alone() const {
  std::vector<Record> alone;
  const auto look = [&](const Record& record) {
    if (record != nullptr && record->needs_watcher && record->watchers == 0 &&
        !record->stop.stop_requested()) {
      alone.push_back(record);
    }
  };
  look(current_);
  for (const Queued& queued : queue_) look(queued.record);
  return alone;
}

Nanos Runs::PatienceEnds() const {
  Nanos earliest = kNever;
  for (const Record& record : Alone()) {
    earliest = std::min(earliest, record->alone_since + kPatience);
  }
  return earliest;
}

std::vector<Runs::Record> Runs::CancelAbandoned() {
  std::vector<Record> abandoned = Alone();
  const Nanos now = clock_.Now();
  std::erase_if(abandoned, [&](const Record& record) {
    return now < record->alone_since + kPatience;
  });
  for (const Record& record : abandoned) {
    CancelRecord(record, "nobody watched it for 10 s");
  }
  return abandoned;
}

}  // namespace perfrig::runs
