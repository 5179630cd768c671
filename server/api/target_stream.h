// One watcher of a mock target: the target now, and again every second.
#ifndef PERFRIG_SERVER_API_TARGET_STREAM_H_
#define PERFRIG_SERVER_API_TARGET_STREAM_H_

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/sync/mutex.h"
#include "common/time/clock.h"
#include "common/time/delay_queue.h"
#include "perfrig/v1/target.pb.h"
#include "server/targets/host.h"

namespace perfrig::api {

// Ends when the client goes away, or with NOT_FOUND. A client that reads
// slowly gets fewer.
//
// Shared: gRPC holds it until OnDone, a timer that is under way a moment
// longer.
class TargetStream final : public grpc::ServerWriteReactor<v1::Target>,
                           public std::enable_shared_from_this<TargetStream> {
 public:
  // All outlive the stream.
  static std::shared_ptr<TargetStream> Start(targets::Host& host, Clock& clock,
                                             DelayQueue& delays,
                                             std::string name);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  TargetStream(targets::Host& host, Clock& clock, DelayQueue& delays,
               std::string name);

  void Send() PERFRIG_EXCLUDES(mutex_);
  void End(const absl::Status& status) PERFRIG_REQUIRES(mutex_);

  targets::Host& host_;
  Clock& clock_;
  DelayQueue& delays_;
  const std::string name_;

  Mutex mutex_;
  // gRPC's share in this object.
  std::shared_ptr<TargetStream> self_ PERFRIG_GUARDED_BY(mutex_);
  Nanos next_ PERFRIG_GUARDED_BY(mutex_) = 0;
  v1::Target target_ PERFRIG_GUARDED_BY(mutex_);
  bool ended_ PERFRIG_GUARDED_BY(mutex_) = false;
};

}  // namespace perfrig::api

#endif  // PERFRIG_SERVER_API_TARGET_STREAM_H_
