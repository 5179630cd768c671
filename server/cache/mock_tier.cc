#include "server/cache/mock_tier.h"

#include <algorithm>
#include <utility>

namespace perfrig::cache {
namespace {

// Giving more takes long enough to hold up other delays.
constexpr std::size_t kLargeBytes = 64U << 10;

absl::Status Closed() { return absl::UnavailableError("the tier is closed"); }

}  // namespace

MockTier::MockTier(const Clock& clock, DelayQueue& delays, Options options)
    : clock_(clock),
      delays_(delays),
      options_(std::move(options)),
      // In one piece, as a store across a network.
      values_(clock, {.max_bytes = options_.max_bytes, .shards = 1}) {}

void MockTier::Get(std::string key, Nanos deadline,
                   PendingPtr<absl::StatusOr<Value>> pending) {
  Value value = values_.Get(key);
  const bool heavy = value != nullptr && value->size() > kLargeBytes;
  AnswerLater<absl::StatusOr<Value>>(std::move(value), deadline, pending,
                                     heavy);
}

void MockTier::Put(std::string key, Value value, Nanos ttl, Nanos deadline,
                   PendingPtr<absl::Status> pending) {
  values_.Put(key, std::move(value), ttl);
  AnswerLater(absl::OkStatus(), deadline, pending);
}

void MockTier::Delete(std::string key, Nanos deadline,
                      PendingPtr<absl::Status> pending) {
  values_.Erase(key);
  AnswerLater(absl::OkStatus(), deadline, pending);
}

template <class T>
void MockTier::AnswerLater(T answer, Nanos deadline,
                           const PendingPtr<T>& pending, bool heavy) {
  const Nanos delay = delay_;
  if (delay == 0) {
    pending->Answer(IsClosed() ? T(Closed()) : std::move(answer));
    return;
  }
  const Nanos due = clock_.Now() + delay;
  const bool in_time = due <= deadline;
  if (!in_time) {
    answer = absl::DeadlineExceededError("the tier did not answer in time");
  }
  const auto waiting = std::make_shared<Waiting>();
  waiting->injected = in_time ? delay : 0;
  waiting->due = due;
  waiting->heavy = in_time && heavy;
  waiting->answer = [pending, answer](const absl::Status& error) {
    pending->Answer(error.ok() ? answer : T(error));
  };
  bool closed = false;
  {
    MutexLock lock(mutex_);
    closed = closed_;
    if (!closed) {
      if (!pending->OnWithdraw([this, waiting] {
            if (Remove(*waiting)) delays_.Cancel(waiting->timer);
          })) {
        return;
      }
      waiting->place = waiting_.insert(waiting_.end(), waiting);
      waiting->timer =
          delays_.Schedule(std::min(due, deadline), [this, waiting] {
            if (Remove(*waiting)) Answer(waiting);
          });
    }
  }
  if (closed) pending->Answer(T(Closed()));
}

void MockTier::Answer(const std::shared_ptr<Waiting>& waiting) {
  if (waiting->injected > 0 && options_.observer != nullptr) {
    options_.observer(waiting->injected, clock_.Now() - waiting->due);
  }
  if (!waiting->heavy || options_.elsewhere == nullptr) {
    return waiting->answer(absl::OkStatus());
  }
  const absl::Status posted =
      options_.elsewhere([waiting] { waiting->answer(absl::OkStatus()); });
  if (!posted.ok()) waiting->answer(posted);
}

bool MockTier::IsClosed() {
  MutexLock lock(mutex_);
  return closed_;
}

bool MockTier::Remove(Waiting& waiting) {
  MutexLock lock(mutex_);
  if (!std::exchange(waiting.waits, false)) return false;
  waiting_.erase(waiting.place);
  return true;
}

void MockTier::Close() {
  std::list<std::shared_ptr<Waiting>> left;
  {
    MutexLock lock(mutex_);
    closed_ = true;
    for (const auto& waiting : waiting_) waiting->waits = false;
    left.swap(waiting_);
  }
  for (const auto& waiting : left) {
    delays_.Cancel(waiting->timer);
    waiting->answer(Closed());
  }
}

}  // namespace perfrig::cache
