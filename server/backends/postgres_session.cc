#include "server/backends/postgres_session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace perfrig::backends {
namespace {

using State = PostgresConnection::State;

constexpr Nanos kFirstPause = 100 * kMillisecond;
constexpr Nanos kLongestPause = 2 * kSecond;
// The server ends a statement at its timeout; one that doesn't even say so
// after this long is gone.
constexpr Nanos kGrace = 2 * kSecond;
constexpr Nanos kMakeTable = 600 * kSecond;

absl::Status TookTooLong(const char* what, Nanos limit) {
  return absl::DeadlineExceededError(
      absl::StrCat("postgres: ", what, " within ",
                   absl::FormatDuration(absl::Nanoseconds(limit))));
}

}  // namespace

void PostgresSession::Begin(std::uint64_t ticket,
                            std::unique_ptr<PostgresWork> work, Nanos now) {
  call_ = Call{ticket, std::move(work), now};
  NextTrip(now);
}

PostgresCancel PostgresSession::Stop(std::uint64_t ticket) {
  if (!call_ || call_->ticket != ticket) return nullptr;
  call_->work->Stop(absl::CancelledError("postgres: cancelled"));
  // Others wait for that table: if each caller's deadline began it anew, it
  // would never be there.
  if (call_->work->makes_table()) return nullptr;
  PostgresCancel cancel = connection_.MakeCancel();
  if (cancel != nullptr) cancelling_ = true;
  return cancel;
}

void PostgresSession::GiveUp(const absl::Status& why, Nanos now) {
  connection_.Close();
  WentDown(why, now);
}

void PostgresSession::WentDown(const absl::Status& why, Nanos now) {
  lost_ = why;
  pause_ = std::min(kLongestPause, std::max(kFirstPause, pause_ * 2));
  due_ = now + pause_;
  if (!call_) return;
  call_->work->Stop(why);
  EndCall();
}

void PostgresSession::CheckTime(Nanos now) {
  if (now < due_) return;
  switch (connection_.state()) {
    case State::kClosed:
      due_ = now + limits_.connect;
      if (absl::Status status = connection_.Connect(parameters_);
          !status.ok()) {
        WentDown(status, now);
      }
      return;
    case State::kConnecting: {
      const absl::Status late = TookTooLong("no connection", limits_.connect);
      // To a caller a server that doesn't answer is one that isn't there.
      return GiveUp(absl::UnavailableError(late.message()), now);
    }
    case State::kBusy:
      return GiveUp(TookTooLong("no answer", limits_.statement), now);
    case State::kIdle:
      due_ = kNever;
  }
}

void PostgresSession::Advance(Nanos now) {
  const bool connecting = connection_.state() == State::kConnecting;
  const absl::Status status = connection_.Advance();
  if (!status.ok()) return WentDown(status, now);
  if (connecting) {
    if (connection_.state() != State::kIdle) return;
    pause_ = 0;
    due_ = kNever;
  }
  const auto results = connection_.TakeResults();
  if (!results || !call_) return;
  call_->work->Take(*results);
  NextTrip(now);
}

void PostgresSession::NextTrip(Nanos now) {
  const std::vector<PostgresCommand> commands =
      call_->work->Next(connection_.in_transaction());
  if (commands.empty()) {
    due_ = kNever;
    return EndCall();
  }
  const auto count = static_cast<Nanos>(commands.size());
  due_ = now + kGrace +
         (call_->work->makes_table() ? kMakeTable : count * limits_.statement);
  const absl::Status sent = connection_.Send(commands);
  if (!sent.ok()) WentDown(sent, now);
}

void PostgresSession::EndCall() {
  ended_ = Ended{call_->ticket, std::move(*call_->work).Finish(), call_->began};
  call_.reset();
}

std::optional<PostgresSession::Ended> PostgresSession::TakeEnded() {
  return std::exchange(ended_, std::nullopt);
}

}  // namespace perfrig::backends
