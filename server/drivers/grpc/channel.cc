#include "server/drivers/grpc/channel.h"

#include <algorithm>
#include <utility>

namespace perfrig::drivers {
namespace {

// Calls that go into one write.
constexpr int kCallsPerWrite = 256;
// Calls that share one reading of the clock as their `sent`.
constexpr int kCallsPerReading = 16;

constexpr Nanos kFirstBackoff = 20 * kMillisecond;
constexpr Nanos kLongestBackoff = 500 * kMillisecond;

}  // namespace

Channel::Channel(const Shared& shared, const Place& place, std::size_t first,
                 Nanos deadline)
    : shared_(shared), place_(place), next_endpoint_(first) {
  const Nanos left = deadline == kNever ? shared_.options.reconnect_timeout
                                        : deadline - shared_.loop.Now();
  attempt_timeout_ = left / static_cast<Nanos>(place_.endpoints.size());
  Reconnect();
}

Channel::~Channel() { ClearTimer(); }

void Channel::Add(Call& call) {
  call.turn = turn_;
  waiting_.PushBack(call);
  MarkDirty();
}

void Channel::Return(Call& call) {
  call.turn = turn_;
  waiting_.PushFront(call);
  MarkDirty();
}

void Channel::SendOn(Call& call) {
  call.session->SendOn(call);
  MarkDirty();
}

void Channel::ReadOn(Call& call, Nanos now) {
  call.session->ReadOn(call, now);
  MarkDirty();
}

void Channel::Remove(Call& call) {
  if (call.state == Call::State::kWaiting) {
    waiting_.Remove(call);
  } else {
    call.session->Cancel(call);
    MarkDirty();
  }
}

void Channel::Flush() {
  dirty_ = false;
  ++turn_;
  const Nanos now = shared_.loop.Now();
  if (current_ != nullptr) {
    SubmitWaiting(now);
    current_->Flush(now);
    while (!waiting_.empty() && current_->HasRoom()) {
      const Nanos later = shared_.loop.Now();
      SubmitWaiting(later);
      current_->Flush(later);
    }
  }
  for (const auto& connection : draining_) connection->Flush(now);
  Update();
}

void Channel::SubmitWaiting(Nanos now) {
  for (int i = 0; i < kCallsPerWrite; ++i) {
    if (waiting_.empty() || !current_->HasRoom()) return;
    if (i > 0 && i % kCallsPerReading == 0) now = shared_.loop.Now();
    Call& call = *waiting_.first();
    waiting_.Remove(call);
    Submit(call, now);
  }
}

void Channel::Submit(Call& call, Nanos now) {
  // A call that goes out in the first turn after it came did not wait.
  if (call.moves > 0) {
    call.stream_wait += now - call.sent;
  } else if (turn_ - call.turn > 1) {
    call.stream_wait = now - call.started;
  }
  current_->Submit(call, now);
}

void Channel::OnEvents(Connection& connection, std::uint32_t events) {
  connection.OnEvents(events);
  Update();
  // A connection that drains ends in the flush after its last call.
  if (!waiting_.empty() || connection.WantsFlush() || !draining_.empty()) {
    MarkDirty();
  }
}

void Channel::MarkDirty() {
  if (dirty_) return;
  dirty_ = true;
  shared_.dirty.push_back(this);
}

void Channel::Update() {
  for (auto& connection : draining_) {
    if (connection->state() == Connection::State::kLost) Bury(connection);
  }
  std::erase(draining_, nullptr);
  if (current_ == nullptr) return;
  const Connection::State state = current_->state();
  if (state == Connection::State::kConnecting) return;
  if (connecting_) {
    if (state == Connection::State::kLost) return TryEndpoints();
    OnReady();
  }
  if (state == Connection::State::kReady) return;
  const bool proven = current_->proven();
  if (proven) backoff_ = 0;
  if (state == Connection::State::kDraining) {
    draining_.push_back(std::move(current_));
  } else {
    Bury(current_);
  }
  // A peer that ends connections before it has answered anything is not
  // pressed.
  if (proven) {
    Reconnect();
  } else {
    ReconnectLater();
  }
}

void Channel::OnReady() {
  ClearTimer();
  connecting_ = false;
  failure_.clear();
  shared_.connections.connect_times.push_back(current_->connect_time());
  if (connected_) {
    ++shared_.connections.reconnects;
  } else {
    ++shared_.connections.made;
    attempt_timeout_ = shared_.options.reconnect_timeout;
  }
  connected_ = true;
  MarkDirty();
}

void Channel::Reconnect() {
  endpoints_left_ = place_.endpoints.size();
  connecting_ = true;
  TryEndpoints();
}

void Channel::TryEndpoints() {
  ClearTimer();
  while (true) {
    if (current_ != nullptr) {
      failure_ = current_->reason();
      Bury(current_);
    }
    if (endpoints_left_ == 0) return OnRoundFailed();
    --endpoints_left_;
    const std::size_t number = next_endpoint_++ % place_.endpoints.size();
    current_ = std::make_unique<Connection>(
        shared_.loop, *this, shared_.sink, place_.address,
        place_.endpoints[number], shared_.options, shared_.network);
    if (current_->state() != Connection::State::kLost) break;
  }
  SetTimer(shared_.loop.Now() + attempt_timeout_);
}

void Channel::OnRoundFailed() {
  connecting_ = false;
  const Nanos now = shared_.loop.Now();
  while (!waiting_.empty()) {
    Call& call = *waiting_.first();
    waiting_.Remove(call);
    call.Fail(absl::StatusCode::kUnavailable, failure_);
    shared_.sink.OnFinished(call, now);
  }
  // The first connections are not tried twice: what is wrong with them is
  // told at once.
  if (connected_) ReconnectLater();
}

void Channel::ReconnectLater() {
  backoff_ = std::clamp(backoff_ * 2, kFirstBackoff, kLongestBackoff);
  SetTimer(shared_.loop.Now() + backoff_);
}

void Channel::OnTimer() {
  timer_ = 0;
  if (current_ == nullptr) return Reconnect();
  current_->LoseLate();
  TryEndpoints();
}

void Channel::SetTimer(Nanos due) {
  timer_ = shared_.loop.timers().Add(due, [this] { OnTimer(); });
}

void Channel::ClearTimer() {
  if (timer_ != 0) shared_.loop.timers().Remove(std::exchange(timer_, 0));
}

void Channel::Bury(std::unique_ptr<Connection>& connection) {
  shared_.graveyard.push_back(std::move(connection));
}

}  // namespace perfrig::drivers
