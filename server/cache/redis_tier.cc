#include "server/cache/redis_tier.h"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <functional>
#include <list>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/sync/mutex.h"
#include "server/cache/redis_connection.h"

namespace perfrig::cache {
namespace {

using Result = absl::StatusOr<RedisReply>;

// hiredis writes with write(2): a connection that broke must not end the
// process.
void BlockSigpipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

struct Operation {
  std::string verb;
  std::string key;
  Value value = {};
  Nanos ttl = kNever;
  Nanos deadline = 0;
  std::function<void(Result)> done = {};
};

absl::Status Closed() { return absl::UnavailableError("redis: closed"); }

absl::Status StatusOf(const Result& result) { return result.status(); }

absl::StatusOr<Value> ValueOf(Result result) {
  if (!result.ok()) return result.status();
  if (result->is_null) return Value();
  return MakeValue(std::move(result->text));
}

}  // namespace

// One connection, its thread and its queue.
class RedisTier::Worker {
  using OperationPtr = std::shared_ptr<Operation>;

 public:
  Worker(const Clock& clock, const RedisOptions& options)
      : clock_(clock),
        max_waiting_(options.max_waiting),
        connection_(clock, options.address, options.max_value_bytes),
        thread_([this] { Work(); }) {}

  ~Worker() { Close(); }

  void Close() {
    std::list<OperationPtr> waiting;
    {
      MutexLock lock(mutex_);
      ends_ = true;
      waiting.swap(waiting_);
    }
    changed_.NotifyOne();
    if (thread_.joinable()) thread_.join();
    for (const auto& operation : waiting) operation->done(Closed());
  }

  // `convert`: from the reply to what `pending` wants.
  template <class T, class Convert>
  void Post(Operation operation, const PendingPtr<T>& pending,
            Convert convert) {
    operation.done = [pending, convert](Result result) {
      pending->Answer(convert(std::move(result)));
    };
    auto posted = std::make_shared<Operation>(std::move(operation));
    bool full = false;
    bool closed = false;
    {
      MutexLock lock(mutex_);
      closed = ends_;
      full = waiting_.size() >= max_waiting_;
      if (!full && !closed) {
        if (!pending->OnWithdraw([this, posted] { Drop(*posted); })) return;
        waiting_.push_back(posted);
      }
    }
    if (closed) return posted->done(Closed());
    if (full) {
      return posted->done(absl::ResourceExhaustedError(
          absl::StrCat("redis: ", max_waiting_, " operations wait already")));
    }
    changed_.NotifyOne();
  }

 private:
  void Drop(const Operation& operation) {
    OperationPtr dropped;
    MutexLock lock(mutex_);
    const auto at = std::find_if(
        waiting_.begin(), waiting_.end(),
        [&](const OperationPtr& each) { return each.get() == &operation; });
    if (at == waiting_.end()) return;
    dropped = std::move(*at);
    waiting_.erase(at);
  }

  void Work() {
    BlockSigpipe();
    while (const OperationPtr operation = Next()) {
      operation->done(Run(*operation));
    }
  }

  // Null at the end.
  OperationPtr Next() {
    MutexLock lock(mutex_);
    while (waiting_.empty() && !ends_) changed_.Wait(mutex_);
    if (ends_) return nullptr;
    OperationPtr next = std::move(waiting_.front());
    waiting_.pop_front();
    return next;
  }

  Result Run(const Operation& operation) {
    if (clock_.Now() >= operation.deadline) {
      return absl::DeadlineExceededError("redis: others took too long");
    }
    std::vector<std::string_view> command = {operation.verb, operation.key};
    if (operation.value != nullptr) command.push_back(*operation.value);
    std::string milliseconds;
    if (operation.ttl != kNever) {
      milliseconds =
          absl::StrCat(std::max<Nanos>(1, operation.ttl / kMillisecond));
      command.insert(command.end(), {"PX", milliseconds});
    }
    return connection_.Run(command, operation.deadline);
  }

  const Clock& clock_;
  const std::size_t max_waiting_;
  // The thread's alone.
  RedisConnection connection_;
  Mutex mutex_;
  CondVar changed_;
  std::list<OperationPtr> waiting_ PERFRIG_GUARDED_BY(mutex_);
  bool ends_ PERFRIG_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

RedisTier::RedisTier(const Clock& clock, const RedisOptions& options) {
  for (std::size_t i = 0; i < options.connections; ++i) {
    workers_.push_back(std::make_unique<Worker>(clock, options));
  }
}

RedisTier::~RedisTier() { Close(); }

void RedisTier::Close() {
  for (const auto& worker : workers_) worker->Close();
}

void RedisTier::Get(std::string key, Nanos deadline,
                    PendingPtr<absl::StatusOr<Value>> pending) {
  Worker& worker = WorkerOf(key);
  worker.Post({.verb = "GET", .key = std::move(key), .deadline = deadline},
              pending, ValueOf);
}

void RedisTier::Put(std::string key, Value value, Nanos ttl, Nanos deadline,
                    PendingPtr<absl::Status> pending) {
  Worker& worker = WorkerOf(key);
  worker.Post({.verb = "SET",
               .key = std::move(key),
               .value = std::move(value),
               .ttl = ttl,
               .deadline = deadline},
              pending, StatusOf);
}

void RedisTier::Delete(std::string key, Nanos deadline,
                       PendingPtr<absl::Status> pending) {
  Worker& worker = WorkerOf(key);
  worker.Post({.verb = "DEL", .key = std::move(key), .deadline = deadline},
              pending, StatusOf);
}

RedisTier::Worker& RedisTier::WorkerOf(const std::string& key) {
  return *workers_[std::hash<std::string>()(key) % workers_.size()];
}

}  // namespace perfrig::cache
