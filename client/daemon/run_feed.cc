#include "client/daemon/run_feed.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

#include "common/rpc/status.h"

namespace perfrig {
namespace {

constexpr Nanos kRetryEvery = 250 * kMillisecond;
constexpr Nanos kStood = 5 * kSecond;

FileDescriptor MakeWake() {
  return FileDescriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

// The connection's fault, not the request's.
bool MayPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsInternal(status) ||
         absl::IsUnknown(status) || absl::IsDeadlineExceeded(status);
}

}  // namespace

RunFeed::RunFeed(v1::Runs::StubInterface& runs, const Clock& clock,
                 v1::StartRunRequest request, absl::Duration patience)
    : runs_(runs),
      clock_(clock),
      patience_(patience),
      request_(std::move(request)),
      wake_(MakeWake()),
      thread_([this] { Loop(); }) {}

RunFeed::RunFeed(v1::Runs::StubInterface& runs, const Clock& clock,
                 std::string name, absl::Duration patience)
    : runs_(runs),
      clock_(clock),
      patience_(patience),
      name_(std::move(name)),
      wake_(MakeWake()),
      thread_([this] { Loop(); }) {}

RunFeed::~RunFeed() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    if (context_ != nullptr) context_->TryCancel();
  }
  stopped_.NotifyAll();
  thread_.join();
}

RunFeed::Batch RunFeed::Take() {
  std::uint64_t count = 0;
  // Emptied first: what comes between the two wakes the owner again.
  [[maybe_unused]] const ssize_t bytes =
      read(wake_.get(), &count, sizeof(count));
  MutexLock lock(mutex_);
  return std::exchange(batch_, Batch{});
}

void RunFeed::SignalOwner() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t bytes = write(wake_.get(), &one, sizeof(one));
}

void RunFeed::Push(v1::RunEvent event) {
  {
    MutexLock lock(mutex_);
    batch_.events.push_back(std::move(event));
  }
  SignalOwner();
}

bool RunFeed::WaitABit() {
  const Nanos until = clock_.Now() + kRetryEvery;
  MutexLock lock(mutex_);
  while (!stopping_ && stopped_.WaitUntil(mutex_, until)) {
  }
  return !stopping_;
}

RunFeed::Reader RunFeed::Open(grpc::ClientContext& context) {
  if (name_.empty()) return runs_.RunSuite(&context, *request_);
  v1::WatchRunRequest request;
  request.set_name(name_);
  request.set_after_sequence(sequence_);
  return runs_.WatchRun(&context, request);
}

absl::Status RunFeed::ReadStream() {
  grpc::ClientContext context;
  {
    MutexLock lock(mutex_);
    if (stopping_) return absl::CancelledError("the watcher left");
    context_ = &context;
  }
  const Reader reader = Open(context);
  v1::RunEvent event;
  bool finished = false;
  while (!finished && reader->Read(&event)) {
    finished = event.has_finished();
    if (event.has_run()) name_ = event.run().name();
    sequence_ = event.sequence();
    last_event_ = clock_.Now();
    Push(std::move(event));
    event.Clear();
  }
  if (finished) context.TryCancel();
  absl::Status status = FromGrpc(reader->Finish());
  {
    MutexLock lock(mutex_);
    context_ = nullptr;
  }
  if (finished) return absl::OkStatus();
  if (!status.ok()) return status;
  return absl::UnavailableError("the daemon ended the stream before the run");
}

void RunFeed::Loop() {
  absl::Status status = ReadStream();
  // Without a single event there is nothing to take up again.
  const bool begun = last_event_ != 0;
  Nanos lost_at = clock_.Now();
  while (begun && MayPass(status) &&
         absl::Nanoseconds(clock_.Now() - lost_at) < patience_) {
    {
      MutexLock lock(mutex_);
      batch_.lost = true;
    }
    SignalOwner();
    if (!WaitABit()) break;
    const Nanos opened = clock_.Now();
    const Nanos before = last_event_;
    status = ReadStream();
    // A stream that stood for a while, even a silent one, was a good one.
    if (last_event_ != before || clock_.Now() - opened > kStood) {
      lost_at = clock_.Now();
    }
  }
  {
    MutexLock lock(mutex_);
    batch_.end = status;
  }
  SignalOwner();
}

}  // namespace perfrig
