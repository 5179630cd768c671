#include "server/drivers/grpc/connection.h"

#include <sys/epoll.h>

#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/drivers/grpc/channel.h"

namespace perfrig::drivers {
namespace {

// Written at once; more waits until this is gone.
constexpr std::size_t kWriteBytes = std::size_t{64} << 10;
// Reads of one turn, so that one connection cannot keep the others waiting.
constexpr int kReads = 16;

std::string_view View(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

}  // namespace

Connection::Connection(EventLoop& loop, Channel& owner, CallSink& sink,
                       const Address& address, const Endpoint& endpoint,
                       const GrpcDriverOptions& options, const Network& network)
    : loop_(loop),
      owner_(owner),
      address_(address),
      session_(sink, address.authority, options),
      began_(loop.Now()) {
  absl::StatusOr<Transport> transport = Transport::Open(endpoint);
  if (!transport.ok()) {
    Lose(View(transport.status()));
    return;
  }
  transport_ = std::make_unique<Transport>(*std::move(transport));
  if (network.slow()) {
    slow_ = std::make_unique<SlowTransport>(*transport_, network, began_);
  }
  watched_ = EPOLLIN | EPOLLOUT;
  loop_.Watch(transport_->fd(), watched_, this);
}

Connection::~Connection() { ClearTimer(); }

Connection::State Connection::state() const {
  if (transport_ == nullptr) return State::kLost;
  if (!session_.settled()) return State::kConnecting;
  return session_.draining() ? State::kDraining : State::kReady;
}

void Connection::OnEvents(std::uint32_t events) {
  if (transport_ == nullptr) return;
  if (!connected_) FinishConnecting();
  if (transport_ != nullptr && (events & EPOLLOUT) != 0) {
    Flush(loop_.Now());
  }
  if (transport_ != nullptr && (events & ~EPOLLOUT) != 0) Read();
  if (slow_ != nullptr && connected_) Forward();
}

void Connection::FinishConnecting() {
  const absl::Status connected = transport_->FinishConnecting();
  if (!connected.ok()) return Lose(View(connected));
  connected_ = true;
}

void Connection::Read() {
  const std::span<char> buffer = loop_.read_buffer();
  for (int i = 0; i < kReads; ++i) {
    const IoResult got = slow_ != nullptr ? slow_->Read(buffer, loop_.Now())
                                          : transport_->Read(buffer);
    if (got.closed) {
      return Lose(!session_.reason().empty() ? session_.reason()
                  : session_.settled()
                      ? "the peer closed the connection"
                      : "the peer closed the connection before its SETTINGS");
    }
    if (got.error != 0) {
      return Lose(std::generic_category().message(got.error));
    }
    if (got.bytes == 0) return;
    const Nanos at = loop_.Now();
    const absl::Status received =
        session_.Receive({buffer.data(), got.bytes}, at);
    if (!received.ok()) return Lose(View(received));
    if (connect_time_ == 0 && session_.settled()) connect_time_ = at - began_;
    if (got.bytes < buffer.size()) return;
  }
}

void Connection::Flush(Nanos now) {
  if (transport_ == nullptr || !connected_) return;
  WriteAll(now);
  if (slow_ != nullptr) Forward();
}

void Connection::WriteAll(Nanos now) {
  if (!unsent_.empty()) {
    const std::string left = std::exchange(unsent_, {});
    if (!Write(left)) return;
  }
  std::string& out = loop_.write_buffer();
  while (true) {
    out.clear();
    const absl::Status made = session_.Send(out, kWriteBytes, now);
    if (!made.ok()) return Lose(View(made));
    if (out.empty()) break;
    if (!Write(out)) return;
    if (out.size() < kWriteBytes) break;
  }
  if (slow_ == nullptr) Watch(EPOLLIN);
  if (session_.over()) {
    Lose(session_.reason().empty() ? "HTTP/2 ended" : session_.reason());
  }
}

bool Connection::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const IoResult put = slow_ != nullptr ? slow_->Write(bytes, loop_.Now())
                                          : transport_->Write(bytes);
    if (put.error != 0) {
      Lose(std::generic_category().message(put.error));
      return false;
    }
    if (put.bytes == 0) {
      unsent_ = bytes;
      // The slow network says itself when it takes more.
      if (slow_ == nullptr) Watch(EPOLLIN | EPOLLOUT);
      return false;
    }
    bytes.remove_prefix(put.bytes);
  }
  return true;
}

void Connection::Watch(std::uint32_t events) {
  if (watched_ == events) return;
  watched_ = events;
  loop_.Change(transport_->fd(), events, this);
}

void Connection::Forward() {
  const Nanos now = loop_.Now();
  const IoResult sent = slow_->Send(now);
  if (sent.error != 0) return Lose(std::generic_category().message(sent.error));
  Watch((slow_->WantsRead(now) ? EPOLLIN : 0U) |
        (slow_->blocked() ? EPOLLOUT : 0U));
  const Nanos due = slow_->NextDue(now, !unsent_.empty());
  if (forward_ != 0 && forward_due_ == due) return;
  ClearTimer();
  if (due == kNever) return;
  forward_due_ = due;
  forward_ = loop_.timers().Add(due, [this] {
    forward_ = 0;
    owner_.OnEvents(*this, EPOLLIN | EPOLLOUT);
  });
}

void Connection::ClearTimer() {
  if (forward_ != 0) loop_.timers().Remove(std::exchange(forward_, 0));
}

void Connection::LoseLate() {
  Lose(connected_ ? "the peer sent no SETTINGS in time"
                  : "no connection in time");
}

void Connection::Lose(std::string_view reason) {
  ClearTimer();
  slow_.reset();
  transport_.reset();
  reason_ = absl::StrCat(address_.text, ": ", std::string(reason));
  session_.FailAll(reason_, loop_.Now());
}

}  // namespace perfrig::drivers
