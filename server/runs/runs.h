// All runs of a daemon: the queue, the one at work, those that are done.
//
//   Runs runs(clock, catalog, access, generator options, limits);
//   auto run = runs.Start(request);        // queued
//   runs.Log(run->name())->AddListener(…); // watched
#ifndef PERFRIG_SERVER_RUNS_RUNS_H_
#define PERFRIG_SERVER_RUNS_RUNS_H_

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/sync/mutex.h"
#include "common/time/clock.h"
#include "perfrig/v1/run.pb.h"
#include "server/load/generator.h"
#include "server/runs/event_log.h"
#include "server/runs/kept_runs.h"
#include "server/runs/ports.h"
#include "server/runs/run_record.h"
#include "server/suites/catalog.h"

namespace perfrig::runs {

struct Limits {
  // Runs that may wait.
  std::size_t queue = 16;
  // Finished runs kept in memory; the oldest go first.
  std::size_t kept = 200;
  // What they may take together. A run of a shipped suite takes up to 1 MB, so
  // that the count is what bounds them; runs of a thousand tests or rounds are
  // fewer, and the daemon stays small beside what it measures.
  std::size_t kept_bytes = 256 << 20;
};

// Thread-safe. No call waits for a run; all can be made from gRPC's threads.
class Runs {
 public:
  // Told of each run that was queued, once, on the thread that started it.
  using OnQueued = std::function<void(const v1::Run& run,
                                      const std::shared_ptr<EventLog>& log)>;

  // The arguments outlive this.
  Runs(
      Clock& clock, suites::Catalog& catalog, TargetAccess& access,
      load::GeneratorOptions generator, Limits limits, std::string version,
      OnQueued on_queued = [](const auto&, const auto&) {});
  // Cancels what is left and waits for it.
  ~Runs();

  absl::StatusOr<v1::Run> Start(const v1::StartRunRequest& request);
  // What Start would run, in the order in which it would; nothing is kept.
  absl::StatusOr<v1::Run> Plan(const v1::StartRunRequest& request) const;
  absl::StatusOr<v1::Run> Get(std::string_view name) const;
  absl::StatusOr<v1::ListRunsResponse> List(
      const v1::ListRunsRequest& request) const;
  absl::StatusOr<v1::Run> Cancel(std::string_view name,
                                 std::string_view reason);
  // The run's events; NOT_FOUND where there is no such run.
  absl::StatusOr<std::shared_ptr<EventLog>> Log(std::string_view name) const;

  // For RunSuite: the run is cancelled when it has had no watcher for 10 s.
  // Watchers of such runs announce themselves with Watch.
  void CancelWithoutWatcher(std::string_view name);
  // Counts a watcher of the run while the returned object lives.
  std::shared_ptr<void> Watch(std::string_view name);

  // Work that must not meet a run (calibration): waits its turn in the same
  // queue, runs on the executor's thread, and ends soon after its token is
  // requested to stop. RESOURCE_EXHAUSTED when full.
  using Work = std::function<void(const std::stop_token&)>;
  absl::Status Exclusively(Work work);

  // No new runs from now on, and a note to those that are left; returns when
  // none is, or at `deadline` after cancelling what still runs.
  void Drain(Nanos deadline);

  struct Status {
    std::string current_run;
    std::size_t queued = 0;
    std::size_t queue_limit = 0;
    std::size_t kept = 0;
    bool draining = false;
  };
  Status status() const;

  // Finished runs in memory, newest first; the one at work as it was when its
  // last test began or ended; its latest snapshot, whose total has histograms:
  // for metrics. Never waits for the load path.
  std::vector<std::shared_ptr<const v1::Run>> Recent(std::size_t most) const;
  std::shared_ptr<const v1::Run> Current() const;
  std::shared_ptr<const v1::Snapshot> LatestSnapshot() const;
  // Finished runs since start, by suite ("suites/x") and verdict.
  std::map<std::pair<std::string, v1::Verdict>, std::uint64_t> Finished() const;

 private:
  using Record = KeptRuns::Record;

  // What the request asks for, of targets that load may go to.
  absl::StatusOr<std::vector<SelectedSuite>> Choose(
      const v1::StartRunRequest& request) const;
  // The run that a request with this key has made; null if there is none, and
  // ALREADY_EXISTS if that request said something else.
  absl::StatusOr<Record> OfKey(const std::string& key,
                               std::size_t fingerprint) const
      PERFRIG_REQUIRES(mutex_);
  // RESOURCE_EXHAUSTED with the queue's length when it is full.
  absl::Status RefuseWhenFull() const PERFRIG_REQUIRES(mutex_);
  std::string NewName() PERFRIG_REQUIRES(mutex_);
  void WorkQueue();
  void Execute(const Record& record);
  void CancelRecord(const Record& record, std::string_view reason)
      PERFRIG_REQUIRES(mutex_);
  void FinishQueued(const Record& record) PERFRIG_REQUIRES(mutex_);
  // Sends the last event of runs that were ended before they began; without
  // the lock, since listeners may ask for the run.
  void TellIfFinished(const std::vector<Record>& records);
  // Takes the snapshot over, and its histograms out of the event.
  void KeepSnapshot(v1::RunEvent& event);
  // Looks after abandoned runs, whatever the executor does.
  void KeepHouse();
  // Runs that were to be watched and are not.
  std::vector<Record> Alone() const PERFRIG_REQUIRES(mutex_);
  // When the first of them has been alone for too long; kNever without any.
  Nanos PatienceEnds() const PERFRIG_REQUIRES(mutex_);
  // The run at work and those that wait.
  std::vector<Record> Unfinished() const PERFRIG_REQUIRES(mutex_);
  // Ends those that have been; TellIfFinished is to follow.
  std::vector<Record> CancelAbandoned() PERFRIG_REQUIRES(mutex_);

  Clock& clock_;
  suites::Catalog& catalog_;
  TargetAccess& access_;
  const Limits limits_;
  const std::string version_;
  const OnQueued on_queued_;
  load::Generator generator_;

  // A run that waits its turn, or other work that does.
  struct Queued {
    Record record;
    Work work;
  };

  mutable Mutex mutex_;
  CondVar changed_;
  std::deque<Queued> queue_ PERFRIG_GUARDED_BY(mutex_);
  Record current_ PERFRIG_GUARDED_BY(mutex_);
  // Of the work that is no run.
  std::stop_source stop_work_ PERFRIG_GUARDED_BY(mutex_);
  bool busy_ PERFRIG_GUARDED_BY(mutex_) = false;
  bool draining_ PERFRIG_GUARDED_BY(mutex_) = false;
  bool stopping_ PERFRIG_GUARDED_BY(mutex_) = false;
  KeptRuns kept_ PERFRIG_GUARDED_BY(mutex_);
  std::int64_t last_stamp_ PERFRIG_GUARDED_BY(mutex_) = 0;
  std::map<std::pair<std::string, v1::Verdict>, std::uint64_t> finished_
      PERFRIG_GUARDED_BY(mutex_);
  std::shared_ptr<const v1::Snapshot> snapshot_ PERFRIG_GUARDED_BY(mutex_);
  std::thread thread_;
  std::thread housekeeper_;
};

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_RUNS_H_
