#include "server/targets/real_database.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace perfrig::targets {

using backends::PostgresPool;
using backends::PostgresReply;
using backends::PostgresWay;

namespace {

// More than are ever let in: the bound is kept here.
constexpr std::size_t kPoolQueue = 10'000'000;

int ConnectionsOf(const RealDatabase::Limits& limits) {
  if (limits.connections == 0) return RealDatabase::kConnectionsWithoutLimit;
  return static_cast<int>(std::min<std::uint64_t>(
      limits.connections, RealDatabase::kMostConnections));
}

}  // namespace

class RealDatabase::Asking final : public Wait {
 public:
  Asking(RealDatabase& real, Scope& scope, const Statements& statements,
         PostgresWay way)
      : Wait(scope), real_(real), statements_(statements), way_(way) {}

  // Nothing where it was withdrawn.
  std::optional<PostgresReply> reply;

 private:
  friend class RealDatabase;

  enum class State { kNew, kHeld, kAsked, kOver };

  void Begin() override {
    // Somebody else may have completed it already where there is none.
    if (auto verdict = real_.Begin(*this)) Complete(*std::move(verdict));
  }
  bool Cancel() override { return real_.Cancel(*this); }

  RealDatabase& real_;
  const Statements& statements_;
  const PostgresWay way_;

  // Guarded by the mutex of `real_`.
  State state_ = State::kNew;
  Askings::iterator place_;
  std::shared_ptr<PostgresPool> pool_;
  PostgresPool::Ticket ticket_ = 0;
};

RealDatabase::RealDatabase(std::string conninfo, const Clock& clock)
    : conninfo_(std::move(conninfo)), clock_(clock) {}

RealDatabase::~RealDatabase() {
  Close();
  MutexLock lock(mutex_);
  forgetting_ = nullptr;
}

void RealDatabase::Open(const Limits& limits) {
  MutexLock lock(mutex_);
  const int connections = ConnectionsOf(limits);
  const bool same = pool_ != nullptr && connections == connections_ &&
                    limits.seed == limits_.seed;
  limits_ = limits;
  if (same) return;
  connections_ = connections;
  auto pool = PostgresPool::Create({.conninfo = conninfo_,
                                    .connections = connections,
                                    .queue_limit = kPoolQueue,
                                    .seeded = {.seed = limits.seed}},
                                   clock_);
  const bool chosen_now = pool_ == nullptr;
  pool_ = pool.ok() ? retired_.Share(*std::move(pool)) : nullptr;
  if (chosen_now && pool_ != nullptr) MakeTable();
}

void RealDatabase::MakeTable() {
  Statements first;
  first.Add()->mutable_query()->set_limit(1);
  // If that fails, those who want the table will hear of it.
  pool_->Run(std::move(first), PostgresWay::kBatch, [](const auto&) {})
      .IgnoreError();
}

void RealDatabase::Close() {
  MutexLock lock(mutex_);
  pool_ = nullptr;
}

void RealDatabase::Forget() {
  MutexLock lock(mutex_);
  must_forget_ = true;
}

Task<absl::StatusOr<RealDatabase::Results>> RealDatabase::Ask(
    Stay& stay, const Statements& statements, PostgresWay way) {
  Asking asking(*this, stay.scope(), statements, way);
  const Nanos asked = stay.Now();
  absl::Status ended = co_await asking;
  const Nanos now = stay.Now();
  // One that was withdrawn had its connection, as far as we know.
  Nanos began = asked;
  if (asking.reply.has_value()) {
    began = asking.reply->began == 0
                ? now
                : std::clamp(asking.reply->began, asked, now);
  }
  stay.AddPhase(Phase::kPoolWait, began - asked);
  stay.AddPhase(Phase::kWork, now - began);
  if (!ended.ok()) co_return ended;
  co_return std::move(asking.reply->results);
}

std::optional<absl::Status> RealDatabase::Begin(Asking& asking) {
  MutexLock lock(mutex_);
  if (asking.state_ == Asking::State::kOver) {
    return absl::CancelledError("cancelled");
  }
  asking.state_ = Asking::State::kOver;
  if (pool_ == nullptr) {
    return absl::UnavailableError("back_end: is not REAL any more");
  }
  const std::size_t most =
      static_cast<std::size_t>(connections_) + limits_.queue_limit;
  if (held_.size() + asked_.size() >= most) {
    return absl::ResourceExhaustedError(
        absl::StrCat("queue_limit: at most ", limits_.queue_limit,
                     " calls may wait for one of ", connections_,
                     " connections to PostgreSQL"));
  }
  if (!must_forget_) return Start(asking);
  if (forgetting_ == nullptr) {
    absl::Status started = StartForgetting();
    if (!started.ok()) return started;
  }
  asking.state_ = Asking::State::kHeld;
  asking.place_ = held_.insert(held_.end(), &asking);
  return std::nullopt;
}

std::optional<absl::Status> RealDatabase::Start(Asking& asking) {
  if (pool_ == nullptr) {
    return absl::UnavailableError("back_end: is not REAL any more");
  }
  const auto ticket = pool_->Run(asking.statements_, asking.way_,
                                 [this, &asking](PostgresReply reply) {
                                   Answer(asking, std::move(reply));
                                 });
  if (!ticket.ok()) return ticket.status();
  asking.pool_ = pool_;
  asking.ticket_ = *ticket;
  asking.state_ = Asking::State::kAsked;
  asking.place_ = asked_.insert(asked_.end(), &asking);
  return std::nullopt;
}

absl::Status RealDatabase::StartForgetting() {
  const auto ticket =
      pool_->Run({}, PostgresWay::kClear, [this](const PostgresReply& reply) {
        Forgotten(reply.results.status());
      });
  if (ticket.ok()) forgetting_ = pool_;
  return ticket.status();
}

void RealDatabase::Forgotten(const absl::Status& status) {
  std::vector<std::pair<Asking*, absl::Status>> over;
  {
    MutexLock lock(mutex_);
    forgetting_ = nullptr;
    if (status.ok()) must_forget_ = false;
    for (Asking* asking : held_) {
      asking->state_ = Asking::State::kOver;
      auto verdict = status.ok() ? Start(*asking) : status;
      if (verdict.has_value()) over.emplace_back(asking, *verdict);
    }
    held_.clear();
  }
  for (auto& [asking, verdict] : over) asking->Complete(std::move(verdict));
}

bool RealDatabase::Cancel(Asking& asking) {
  MutexLock lock(mutex_);
  if (asking.state_ != Asking::State::kNew) return TakeOut(asking);
  asking.state_ = Asking::State::kOver;
  return false;
}

bool RealDatabase::TakeOut(Asking& asking) {
  switch (asking.state_) {
    case Asking::State::kHeld:
      held_.erase(asking.place_);
      break;
    case Asking::State::kAsked:
      if (!asking.pool_->Cancel(asking.ticket_)) return false;
      asked_.erase(asking.place_);
      break;
    case Asking::State::kNew:
    case Asking::State::kOver:
      return false;
  }
  asking.state_ = Asking::State::kOver;
  return true;
}

void RealDatabase::Answer(Asking& asking, PostgresReply reply) {
  {
    MutexLock lock(mutex_);
    asked_.erase(asking.place_);
    asking.state_ = Asking::State::kOver;
  }
  absl::Status status = reply.results.status();
  asking.reply = std::move(reply);
  asking.Complete(std::move(status));
}

std::optional<RealDatabase::Counts> RealDatabase::counts() const {
  MutexLock lock(mutex_);
  if (pool_ == nullptr) return std::nullopt;
  const PostgresPool::Counts counts = pool_->counts();
  return Counts{static_cast<std::size_t>(connections_), counts.connected,
                counts.busy, counts.waiting + held_.size()};
}

}  // namespace perfrig::targets
