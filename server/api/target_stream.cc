#include "server/api/target_stream.h"

#include <algorithm>
#include <utility>

#include "common/rpc/status.h"
#include "server/api/errors.h"

namespace perfrig::api {

std::shared_ptr<TargetStream> TargetStream::Start(targets::Host& host,
                                                  Clock& clock,
                                                  DelayQueue& delays,
                                                  std::string name) {
  std::shared_ptr<TargetStream> stream(
      new TargetStream(host, clock, delays, std::move(name)));
  {
    MutexLock lock(stream->mutex_);
    stream->self_ = stream;
    stream->next_ = clock.Now();
  }
  stream->Send();
  return stream;
}

TargetStream::TargetStream(targets::Host& host, Clock& clock,
                           DelayQueue& delays, std::string name)
    : host_(host), clock_(clock), delays_(delays), name_(std::move(name)) {}

void TargetStream::Send() {
  absl::StatusOr<v1::Target> target = host_.Get(name_);
  MutexLock lock(mutex_);
  if (ended_) return;
  if (!target.ok()) {
    return End(Named(target.status(), "perfrig.v1.Target", name_));
  }
  target_ = *std::move(target);
  StartWrite(&target_);
}

void TargetStream::OnWriteDone(bool ok) {
  MutexLock lock(mutex_);
  if (!ok) return End(absl::CancelledError("the watcher went away"));
  if (ended_) return;
  next_ = std::max(next_ + kSecond, clock_.Now());
  // A timer may outlive the stream, so it does not keep it: a stream that has
  // ended is gone before its last second is over.
  delays_.Schedule(next_, [weak = weak_from_this()] {
    if (const auto stream = weak.lock()) stream->Send();
  });
}

void TargetStream::OnCancel() {
  MutexLock lock(mutex_);
  End(absl::CancelledError("the watcher went away"));
}

void TargetStream::OnDone() {
  std::shared_ptr<TargetStream> self;
  MutexLock lock(mutex_);
  self.swap(self_);
}

void TargetStream::End(const absl::Status& status) {
  if (ended_) return;
  ended_ = true;
  Finish(ToGrpc(status));
}

}  // namespace perfrig::api
