// One watcher of a run: sends the run's events, one at a time, as fast as the
// client reads them and no faster.
#ifndef PERFRIG_SERVER_API_RUN_STREAM_H_
#define PERFRIG_SERVER_API_RUN_STREAM_H_

#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/sync/mutex.h"
#include "common/sync/workers.h"
#include "perfrig/v1/run.pb.h"
#include "server/runs/runs.h"

namespace perfrig::api {

// The run's own threads only post a wake-up; reading and serialising are done
// by workers and by gRPC's threads. A watcher that falls so far behind that
// events are gone gets the run's full state in their place.
//
// Shared: gRPC holds it until OnDone, a wake-up that is under way for as long
// as it takes.
class RunStream final : public grpc::ServerWriteReactor<v1::RunEvent>,
                        public std::enable_shared_from_this<RunStream> {
 public:
  // `runs` and `workers` outlive the stream.
  static std::shared_ptr<RunStream> Create(runs::Runs& runs, Workers& workers);

  // Once, from any thread: what to watch, from which event on …
  void Begin(const std::string& name, std::shared_ptr<runs::EventLog> log,
             std::uint64_t after_sequence);
  // … or why there is nothing to watch.
  void Refuse(const absl::Status& status);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  RunStream(runs::Runs& runs, Workers& workers)
      : runs_(runs), workers_(workers) {}

  // Wakes the stream on a worker.
  void Post();
  // Starts the next write, if there is something to write and none under way.
  void Advance();
  void ReadMore() PERFRIG_REQUIRES(mutex_);
  void End(const absl::Status& status) PERFRIG_REQUIRES(mutex_);

  runs::Runs& runs_;
  Workers& workers_;
  // While it is, nobody needs to wake it: a write is under way, which looks
  // for more when it is done, or a wake-up is.
  std::atomic<bool> awake_ = false;

  Mutex mutex_;
  // gRPC's share in this object.
  std::shared_ptr<RunStream> self_ PERFRIG_GUARDED_BY(mutex_);
  std::string name_ PERFRIG_GUARDED_BY(mutex_);
  std::shared_ptr<runs::EventLog> log_ PERFRIG_GUARDED_BY(mutex_);
  std::shared_ptr<void> watching_ PERFRIG_GUARDED_BY(mutex_);
  std::uint64_t listener_ PERFRIG_GUARDED_BY(mutex_) = 0;
  // Number of the last event read from the log.
  std::uint64_t sequence_ PERFRIG_GUARDED_BY(mutex_) = 0;
  // Read, not yet written; the first is being written if `writing_`.
  std::deque<runs::EventLog::Event> pending_ PERFRIG_GUARDED_BY(mutex_);
  bool writing_ PERFRIG_GUARDED_BY(mutex_) = false;
  bool ended_ PERFRIG_GUARDED_BY(mutex_) = false;
};

}  // namespace perfrig::api

#endif  // PERFRIG_SERVER_API_RUN_STREAM_H_
