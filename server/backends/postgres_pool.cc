#include "server/backends/postgres_pool.h"

#include <poll.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace perfrig::backends {
namespace {

constexpr int kMostConnections = 1'000;
constexpr std::uint32_t kMostSeededRows = 100'000'000;

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

absl::Status CheckOptions(const PostgresOptions& options) {
  if (options.connections < 1 || options.connections > kMostConnections) {
    return absl::InvalidArgumentError(absl::StrCat("connections: must be 1 to ",
                                                   kMostConnections, ", got ",
                                                   options.connections));
  }
  if (options.seeded.rows > kMostSeededRows) {
    return absl::InvalidArgumentError(absl::StrCat("rows: must be at most ",
                                                   kMostSeededRows, ", got ",
                                                   options.seeded.rows));
  }
  return absl::OkStatus();
}

absl::StatusOr<PostgresParameters> Parse(const PostgresOptions& options) {
  const std::unique_ptr<PQconninfoOption, FreeOptions> parsed(
      PQconninfoParse(options.conninfo.c_str(), nullptr));
  if (parsed == nullptr) {
    return absl::InvalidArgumentError(
        "conninfo: must be libpq's \"host=… dbname=…\" or a URI "
        "postgresql://…");
  }
  // Ours come first, so that what is said beats them.
  PostgresParameters parameters = {
      {"application_name", "perfrig"},
      // The connection that cancels would else wait for a dead server for
      // minutes.
      {"tcp_user_timeout",
       absl::StrCat(absl::ToInt64Milliseconds(options.connect_timeout))}};
  std::string session;
  for (const PQconninfoOption* option = parsed.get();
       option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    if (std::string_view(option->keyword) == "options") {
      session = absl::StrCat(option->val, " ");
    } else {
      parameters.emplace_back(option->keyword, option->val);
    }
  }
  absl::StrAppend(&session, "-c statement_timeout=",
                  absl::ToInt64Milliseconds(options.statement_timeout));
  parameters.emplace_back("options", session);
  return parameters;
}

// Each once.
absl::StatusOr<std::vector<std::string>> TablesOf(
    const PostgresPool::Statements& statements) {
  std::vector<std::string> names;
  for (const target::v1::Statement& statement : statements) {
    ASSIGN_OR_RETURN(std::string name, TableOf(statement));
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(std::move(name));
    }
  }
  return names;
}

int MillisecondsUntil(Nanos due, Nanos now) {
  if (due == kNever) return -1;
  const Nanos wait = std::clamp<Nanos>(due - now, 0, 3'600 * kSecond);
  return static_cast<int>((wait + kMillisecond - 1) / kMillisecond);
}

}  // namespace

absl::Status PostgresPool::Check(const PostgresOptions& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  return Parse(options).status();
}

absl::StatusOr<std::unique_ptr<PostgresPool>> PostgresPool::Create(
    const PostgresOptions& options, const Clock& clock) {
  RETURN_IF_ERROR(CheckOptions(options));
  ASSIGN_OR_RETURN(const PostgresParameters parameters, Parse(options));
  return std::unique_ptr<PostgresPool>(
      new PostgresPool(options, parameters, clock));
}

PostgresPool::PostgresPool(const PostgresOptions& options,
                           const PostgresParameters& parameters,
                           const Clock& clock)
    : clock_(clock), options_(options) {
  const PostgresSession::Limits limits = {
      absl::ToInt64Nanoseconds(options.connect_timeout),
      absl::ToInt64Nanoseconds(options.statement_timeout)};
  for (int i = 0; i < options.connections; ++i) {
    sessions_.push_back(std::make_unique<PostgresSession>(parameters, limits));
  }
  thread_ = std::thread([this] { Loop(); });
}

PostgresPool::~PostgresPool() {
  {
    MutexLock lock(mutex_);
    ends_ = true;
  }
  wake_.Set();
  thread_.join();
}

absl::StatusOr<PostgresPool::Ticket> PostgresPool::Run(Statements statements,
                                                       PostgresWay way,
                                                       Callback callback) {
  if (statements.empty() != (way == PostgresWay::kClear)) {
    return absl::InvalidArgumentError("statements: must be at least one");
  }
  ASSIGN_OR_RETURN(std::vector<std::string> names, TablesOf(statements));
  auto work = std::make_unique<PostgresWork>(
      std::move(statements), way, std::move(names), options_.seeded, tables_);
  Ticket ticket = 0;
  {
    MutexLock lock(mutex_);
    // Those that a free connection takes at once do not count as waiting.
    const std::size_t free = counts_.connected - counts_.busy;
    if (queue_.size() >= options_.queue_limit + free) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "postgres: ", queue_.size(), " calls wait for a connection already"));
    }
    ticket = ++last_ticket_;
    callbacks_.emplace(ticket, std::move(callback));
    queue_.push_back({ticket, std::move(work)});
  }
  wake_.Set();
  return ticket;
}

bool PostgresPool::Cancel(Ticket ticket) {
  // Destroyed after the lock.
  Callback callback;
  Waiting waited;
  MutexLock lock(mutex_);
  const auto found = callbacks_.find(ticket);
  if (found == callbacks_.end()) return false;
  callback = std::move(found->second);
  callbacks_.erase(found);
  // Tickets grow along the queue.
  const auto place = std::lower_bound(
      queue_.begin(), queue_.end(), ticket,
      [](const Waiting& one, Ticket other) { return one.ticket < other; });
  if (place != queue_.end() && place->ticket == ticket) {
    waited = std::move(*place);
    queue_.erase(place);
    return true;
  }
  cancelled_.push_back(ticket);
  wake_.Set();
  return true;
}

PostgresPool::Counts PostgresPool::counts() const {
  MutexLock lock(mutex_);
  Counts counts = counts_;
  counts.waiting = queue_.size();
  return counts;
}

void PostgresPool::Loop() {
  while (Turn()) Wait();
  End();
}

bool PostgresPool::Turn() {
  const Nanos now = clock_.Now();
  for (const auto& session : sessions_) session->CheckTime(now);
  StopCancelled();
  Dispatch();
  FailQueueWithoutServer();
  for (const auto& session : sessions_) {
    if (auto ended = session->TakeEnded()) Finish(*std::move(ended));
  }
  MutexLock lock(mutex_);
  counts_ = {};
  for (const auto& session : sessions_) {
    counts_.connected += session->connected() ? 1 : 0;
    counts_.busy += session->working() ? 1 : 0;
  }
  return !ends_;
}

void PostgresPool::StopCancelled() {
  std::vector<Ticket> cancelled;
  {
    MutexLock lock(mutex_);
    cancelled.swap(cancelled_);
  }
  for (const Ticket ticket : cancelled) {
    for (const auto& session : sessions_) {
      PostgresCancel cancel = session->Stop(ticket);
      if (cancel == nullptr) continue;
      canceller_.Send(std::move(cancel), [this, to = session.get()] {
        to->CancelSent();
        wake_.Set();
      });
    }
  }
}

void PostgresPool::Dispatch() {
  for (const auto& session : sessions_) {
    // What ends without a trip ends before the next begins.
    while (session->free()) {
      Waiting next;
      {
        MutexLock lock(mutex_);
        if (queue_.empty()) return;
        next = std::move(queue_.front());
        queue_.pop_front();
      }
      session->Begin(next.ticket, std::move(next.work), clock_.Now());
      if (auto ended = session->TakeEnded()) Finish(*std::move(ended));
    }
  }
}

void PostgresPool::FailQueueWithoutServer() {
  for (const auto& session : sessions_) {
    if (!session->down()) return;
  }
  std::deque<Waiting> failed;
  {
    MutexLock lock(mutex_);
    failed.swap(queue_);
  }
  const absl::Status& why = sessions_.front()->lost();
  for (const Waiting& waiting : failed) Finish({waiting.ticket, why, 0});
}

void PostgresPool::Wait() {
  std::vector<pollfd> polled = {{wake_.fd(), POLLIN, 0}};
  Nanos due = kNever;
  for (const auto& session : sessions_) {
    due = std::min(due, session->due());
    polled.push_back(
        {session->fd(), static_cast<std::int16_t>(session->events()), 0});
  }
  poll(polled.data(), polled.size(), MillisecondsUntil(due, clock_.Now()));
  if (polled[0].revents != 0) wake_.Clear();
  const Nanos now = clock_.Now();
  for (std::size_t i = 0; i < sessions_.size(); ++i) {
    if (polled[i + 1].revents == 0) continue;
    PostgresSession& session = *sessions_[i];
    session.Advance(now);
    if (auto ended = session.TakeEnded()) Finish(*std::move(ended));
  }
}

void PostgresPool::Finish(PostgresSession::Ended ended) {
  Callback callback;
  {
    MutexLock lock(mutex_);
    const auto found = callbacks_.find(ended.ticket);
    if (found == callbacks_.end()) return;
    callback = std::move(found->second);
    callbacks_.erase(found);
  }
  callback({std::move(ended.results), ended.began});
}

void PostgresPool::End() {
  const absl::Status why = absl::CancelledError("postgres: the pool ends");
  for (const auto& session : sessions_) {
    session->GiveUp(why, clock_.Now());
    if (auto ended = session->TakeEnded()) Finish(*std::move(ended));
  }
  FailQueueWithoutServer();
}

}  // namespace perfrig::backends
