// The events of one run, over as many streams as it takes.
#ifndef PERFRIG_CLIENT_DAEMON_RUN_FEED_H_
#define PERFRIG_CLIENT_DAEMON_RUN_FEED_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/process/file_descriptor.h"
#include "common/sync/mutex.h"
#include "common/time/clock.h"
#include "perfrig/v1/run.grpc.pb.h"

namespace perfrig {

// A thread reads the stream; the owner polls `fd` and takes what has come. A
// stream that breaks is taken up again by WatchRun after the last event.
class RunFeed {
 public:
  // What came since the last Take.
  struct Batch {
    std::vector<v1::RunEvent> events;
    // The stream broke and is being made anew.
    bool lost = false;
    // The feed is at its end: OK after the finished run, else why it broke.
    std::optional<absl::Status> end;
  };

  // Starts the run and follows it. `runs` and `clock` outlive the feed;
  // `patience` is for how long a broken stream is tried again.
  RunFeed(v1::Runs::StubInterface& runs, const Clock& clock,
          v1::StartRunRequest request, absl::Duration patience);
  // Follows the run `name` from its start.
  RunFeed(v1::Runs::StubInterface& runs, const Clock& clock, std::string name,
          absl::Duration patience);
  // Breaks the stream; the run does not end by it at once.
  ~RunFeed();

  RunFeed(const RunFeed&) = delete;
  RunFeed& operator=(const RunFeed&) = delete;

  // Readable when there is something to take.
  [[nodiscard]] int fd() const { return wake_.get(); }
  Batch Take();

 private:
  using Reader = std::unique_ptr<grpc::ClientReaderInterface<v1::RunEvent>>;

  void Loop();
  // Reads one stream to its end; OK only after the finished run.
  absl::Status ReadStream();
  Reader Open(grpc::ClientContext& context);
  void Push(v1::RunEvent event);
  // False if the feed is being destroyed.
  bool WaitABit();
  void SignalOwner();

  v1::Runs::StubInterface& runs_;
  const Clock& clock_;
  const absl::Duration patience_;
  const std::optional<v1::StartRunRequest> request_;

  // Only the thread's: where to go on, and when something came last.
  std::string name_;
  std::uint64_t sequence_ = 0;
  Nanos last_event_ = 0;

  FileDescriptor wake_;
  Mutex mutex_;
  CondVar stopped_;
  Batch batch_ PERFRIG_GUARDED_BY(mutex_);
  bool stopping_ PERFRIG_GUARDED_BY(mutex_) = false;
  grpc::ClientContext* context_ PERFRIG_GUARDED_BY(mutex_) = nullptr;
  std::thread thread_;
};

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_DAEMON_RUN_FEED_H_
