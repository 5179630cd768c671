#include "server/drivers/grpc/http2_driver.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/macros.h"

namespace perfrig::drivers {
namespace {

// A call that so many connections gave back unprocessed has met a peer that
// takes none.
constexpr int kMostMoves = 8;
// How long it waits for connections at most before it looks whether to stop.
constexpr Nanos kLookAgain = 50 * kMillisecond;

}  // namespace

Http2Driver::Http2Driver(const Clock& clock, Plan plan,
                         GrpcDriverOptions options, Observer& observer)
    : plan_(std::move(plan)),
      options_(std::move(options)),
      observer_(observer),
      loop_(clock) {}

absl::Status Http2Driver::Connect(Nanos deadline, const std::stop_token& stop) {
  RETURN_IF_ERROR(ResolvePlaces(deadline, stop));
  const Channel::Shared shared{loop_,        *this,  options_,  plan_.network,
                               connections_, dirty_, graveyard_};
  for (std::size_t i = 0; i < plan_.count; ++i) {
    const std::size_t number = plan_.first + i;
    channels_.push_back(
        std::make_unique<Channel>(shared, places_[number % places_.size()],
                                  number / places_.size(), deadline));
  }
  while (true) {
    ASSIGN_OR_RETURN(const bool connected, AllConnected());
    if (connected) return absl::OkStatus();
    if (stop.stop_requested()) return absl::CancelledError("cancelled");
    HandleEvents(std::min(loop_.timers().NextDue(), loop_.Now() + kLookAgain));
    loop_.RunTimers();
    FlushDirty();
    graveyard_.clear();
  }
}

absl::Status Http2Driver::ResolvePlaces(Nanos deadline,
                                        const std::stop_token& stop) {
  channels_.clear();
  dirty_.clear();
  places_.clear();
  for (const Address& address : plan_.addresses) {
    ASSIGN_OR_RETURN(std::vector<Endpoint> endpoints,
                     Resolve(address, deadline, stop));
    places_.push_back({address, std::move(endpoints)});
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Http2Driver::AllConnected() const {
  bool all = true;
  for (const auto& channel : channels_) {
    if (channel->connected()) continue;
    all = false;
    if (channel->connecting()) continue;
    return absl::UnavailableError(channel->failure());
  }
  return all;
}

void Http2Driver::Start(Slot slot, const Request& request) {
  while (calls_.size() <= slot) {
    const auto next = static_cast<Slot>(calls_.size());
    calls_.emplace_back().slot = next;
  }
  Call& call = calls_[slot];
  call.state = Call::State::kWaiting;
  call.cancelled = false;
  call.request = &request;
  call.started = loop_.Now();
  call.sent = 0;
  call.first = 0;
  call.stream_wait = 0;
  call.moves = 0;
  call.bytes_received = 0;
  call.first_message = request.session                ? kNever
                       : request.message_interval > 0 ? call.started
                                                      : 0;
  call.half_closed = false;
  if (channels_.empty()) {
    call.Fail(absl::StatusCode::kUnavailable, "not connected");
    return OnFinished(call, call.started);
  }
  if (request.timeout < kNever - call.started) SetDeadline(call);
  call.channel = channels_[request.affinity % channels_.size()].get();
  call.channel->Add(call);
}

void Http2Driver::SetDeadline(Call& call) {
  call.deadline =
      loop_.timers().Add(call.started + call.request->timeout, [this, &call] {
        call.deadline = 0;
        Expire(call);
      });
}

void Http2Driver::SendMessages(Slot slot, Nanos at) {
  Call& call = calls_[slot];
  call.first_message = at;
  if (call.state == Call::State::kOpen) call.channel->SendOn(call);
}

void Http2Driver::HalfClose(Slot slot) {
  Call& call = calls_[slot];
  call.half_closed = true;
  if (call.state == Call::State::kOpen) call.channel->SendOn(call);
}

void Http2Driver::OnPaused(Call& call, Nanos due) {
  if (due == kNever || call.send_on != 0) return;
  call.send_on = loop_.timers().Add(due, [&call] {
    call.send_on = 0;
    if (call.state == Call::State::kOpen) call.channel->SendOn(call);
  });
}

void Http2Driver::Cancel(Slot slot) {
  if (slot >= calls_.size()) return;
  calls_[slot].cancelled = true;
  cancelled_.push_back(&calls_[slot]);
}

void Http2Driver::Poll(Nanos until) {
  ApplyCancels();
  FlushDirty();
  const bool idle = finished_.empty() && dirty_.empty();
  HandleEvents(idle ? std::min(until, loop_.timers().NextDue()) : 0);
  loop_.RunTimers();
  Report();
  graveyard_.clear();
}

Connections Http2Driver::TakeConnections() {
  return std::exchange(connections_, {});
}

void Http2Driver::OnMessage(Call& call, std::string_view message, Nanos at) {
  if (call.first == 0) call.first = at;
  observer_.OnMessage(call.slot, message, at);
  if (call.request->read_delay == 0) return;
  call.read_on =
      loop_.timers().Add(at + call.request->read_delay, [this, &call] {
        call.read_on = 0;
        ReadOn(call);
      });
}

void Http2Driver::ReadOn(Call& call) {
  const Nanos now = loop_.Now();
  call.reader.Resume();
  if (call.state == Call::State::kOpen) return call.channel->ReadOn(call, now);
  std::size_t taken = 0;
  if (call.reader.Read(call.response, taken) == Response::Next::kMessage) {
    return OnMessage(call, call.response.message(), now);
  }
  call.response.OnClose(call.reader.http2_error());
  OnFinished(call, now);
}

void Http2Driver::OnReading(Call& call) { call.state = Call::State::kReading; }

void Http2Driver::OnFinished(Call& call, Nanos at) {
  call.state = Call::State::kFinished;
  call.done = at;
  for (TimerHeap::Handle* timer :
       {&call.deadline, &call.send_on, &call.read_on}) {
    if (*timer != 0) loop_.timers().Remove(std::exchange(*timer, 0));
  }
  finished_.push_back(&call);
}

void Http2Driver::OnReturned(Call& call, Nanos at) {
  if (++call.moves > kMostMoves) {
    call.Fail(absl::StatusCode::kUnavailable,
              absl::StrCat("sent away with GOAWAY by ", call.moves,
                           " connections, one after the other"));
    return OnFinished(call, at);
  }
  call.state = Call::State::kWaiting;
  call.channel->Return(call);
}

void Http2Driver::FlushDirty() {
  std::swap(dirty_, flushing_);
  for (Channel* channel : flushing_) channel->Flush();
  flushing_.clear();
}

void Http2Driver::HandleEvents(Nanos until) {
  for (const epoll_event& event : loop_.Wait(until)) {
    auto& connection = *static_cast<Connection*>(event.data.ptr);
    connection.owner().OnEvents(connection, event.events);
  }
}

void Http2Driver::ApplyCancels() {
  for (Call* call : cancelled_) {
    // A call that has ended since, or another one in its slot, stays.
    if (!call->cancelled) continue;
    End(*call, absl::StatusCode::kCancelled, "cancelled");
  }
  cancelled_.clear();
}

void Http2Driver::Expire(Call& call) {
  End(call, absl::StatusCode::kDeadlineExceeded,
      absl::StrCat(
          "the deadline of ",
          absl::FormatDuration(absl::Nanoseconds(call.request->timeout)),
          " passed"));
}

void Http2Driver::End(Call& call, absl::StatusCode code,
                      std::string_view message) {
  if (call.state == Call::State::kIdle ||
      call.state == Call::State::kFinished) {
    return;
  }
  call.Fail(code, message);
  if (call.state != Call::State::kReading) call.channel->Remove(call);
  OnFinished(call, loop_.Now());
}

void Http2Driver::Report() {
  std::swap(finished_, reporting_);
  for (Call* call : reporting_) ReportOne(*call);
  reporting_.clear();
}

void Http2Driver::ReportOne(Call& call) {
  Outcome outcome;
  outcome.sent = call.sent;
  outcome.first = call.first;
  outcome.done = call.done;
  outcome.stream_wait = call.stream_wait;
  outcome.status = call.response.status();
  outcome.message = call.response.status_message();
  outcome.trailers = &call.response.trailers();
  outcome.headers = &call.response.headers();
  outcome.messages_sent = call.body.messages_read();
  outcome.messages_received = call.response.messages();
  outcome.bytes_sent = call.body.bytes_read();
  outcome.bytes_received = call.bytes_received;
  // The observer may use the slot again at once; its answer stays as it is
  // until the next Poll.
  call.state = Call::State::kIdle;
  observer_.OnDone(call.slot, outcome);
}

}  // namespace perfrig::drivers
