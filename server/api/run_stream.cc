#include "server/api/run_stream.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/rpc/status.h"

namespace perfrig::api {
namespace {

// Few, so that a slow watcher holds little of what the log has let go.
constexpr std::size_t kBatch = 16;

// Where to start so that a watcher which has seen everything of a finished
// run is told its end once more, and one which names a number that does not
// exist yet waits for the next.
std::uint64_t StartAfter(const runs::EventLog& log, std::uint64_t after) {
  const std::uint64_t last = log.last_sequence();
  if (after < last || last == 0) return std::min(after, last);
  bool missed = false;
  const auto newest = log.Read(last - 1, 1, &missed);
  const bool finished = !newest.empty() && newest.front()->has_finished();
  return finished ? last - 1 : last;
}

}  // namespace

std::shared_ptr<RunStream> RunStream::Create(runs::Runs& runs,
                                             Workers& workers) {
  std::shared_ptr<RunStream> stream(new RunStream(runs, workers));
  MutexLock lock(stream->mutex_);
  stream->self_ = stream;
  return stream;
}

void RunStream::Begin(const std::string& name,
                      std::shared_ptr<runs::EventLog> log,
                      std::uint64_t after_sequence) {
  const std::weak_ptr<RunStream> weak = weak_from_this();
  std::shared_ptr<void> watching = runs_.Watch(name);
  {
    MutexLock lock(mutex_);
    if (ended_) return;
    name_ = name;
    log_ = std::move(log);
    watching_ = std::move(watching);
    sequence_ = StartAfter(*log_, after_sequence);
    listener_ = log_->AddListener([weak] {
      if (const auto stream = weak.lock()) stream->Post();
    });
  }
  Advance();
}

void RunStream::Refuse(const absl::Status& status) {
  MutexLock lock(mutex_);
  End(status);
}

void RunStream::Post() {
  if (awake_.exchange(true)) return;
  const absl::Status posted =
      workers_.Post([stream = shared_from_this()] { stream->Advance(); });
  // No later event might come: better here than never.
  if (!posted.ok()) Advance();
}

void RunStream::Advance() {
  MutexLock lock(mutex_);
  if (writing_ || ended_ || log_ == nullptr) return;
  // Before reading, so that what comes from now on is not overlooked.
  awake_.exchange(false);
  if (pending_.empty()) ReadMore();
  if (pending_.empty()) return;
  awake_ = true;
  writing_ = true;
  StartWrite(pending_.front().get());
}

void RunStream::ReadMore() {
  bool missed = false;
  std::vector<runs::EventLog::Event> events =
      log_->Read(sequence_, kBatch, &missed);
  if (missed) {
    const std::uint64_t last = log_->last_sequence();
    absl::StatusOr<v1::Run> run = runs_.Get(name_);
    if (!run.ok()) return End(run.status());
    auto state = std::make_shared<v1::RunEvent>();
    state->set_sequence(last);
    const bool finished = run->state() == v1::FINISHED;
    (finished ? *state->mutable_finished() : *state->mutable_run()) =
        *std::move(run);
    events = {std::move(state)};
  }
  if (events.empty()) return;
  sequence_ = events.back()->sequence();
  pending_.assign(events.begin(), events.end());
}

void RunStream::End(const absl::Status& status) {
  if (ended_) return;
  ended_ = true;
  Finish(ToGrpc(status));
}

void RunStream::OnWriteDone(bool ok) {
  {
    MutexLock lock(mutex_);
    writing_ = false;
    if (ended_) return;
    const bool finished = pending_.front()->has_finished();
    pending_.pop_front();
    if (!ok) return End(absl::CancelledError("the watcher went away"));
    if (finished) return End(absl::OkStatus());
  }
  Advance();
}

void RunStream::OnCancel() {
  MutexLock lock(mutex_);
  End(absl::CancelledError("the watcher went away"));
}

void RunStream::OnDone() {
  std::shared_ptr<RunStream> self;
  std::shared_ptr<runs::EventLog> log;
  std::shared_ptr<void> watching;
  std::uint64_t listener = 0;
  {
    MutexLock lock(mutex_);
    self.swap(self_);
    log.swap(log_);
    watching.swap(watching_);
    listener = listener_;
  }
  if (log != nullptr && listener != 0) log->RemoveListener(listener);
}

}  // namespace perfrig::api
