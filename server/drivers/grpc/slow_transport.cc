#include "server/drivers/grpc/slow_transport.h"

#include <algorithm>

namespace perfrig::drivers {

SlowTransport::SlowTransport(const Transport& transport, const Network& network,
                             Nanos now)
    : transport_(transport),
      out_({.bytes_per_second = network.bytes_per_second,
            .delay = network.latency / 2,
            .opens = now + network.latency}),
      // The peer sees the connection half a round trip after this side.
      in_({.bytes_per_second = network.bytes_per_second,
           .delay = network.latency / 2,
           .opens = now + network.latency + network.latency / 2}) {}

IoResult SlowTransport::Read(std::span<char> into, Nanos now) {
  while (WantsRead(now)) {
    const IoResult got = transport_.Read(into);
    if (got.bytes > 0) {
      in_.Put({into.data(), got.bytes}, now);
      continue;
    }
    ended_ = got.closed || got.error != 0;
    if (ended_) end_ = got;
    break;
  }
  std::size_t filled = 0;
  while (filled < into.size()) {
    const std::string_view arrived =
        in_.Arrived(now).substr(0, into.size() - filled);
    if (arrived.empty()) break;
    std::copy(arrived.begin(), arrived.end(), into.begin() + filled);
    filled += arrived.size();
    in_.Take(arrived.size());
  }
  if (filled == 0 && ended_ && in_.empty()) return end_;
  return {.bytes = filled};
}

IoResult SlowTransport::Write(std::string_view bytes, Nanos now) {
  if (!out_.HasRoom(now)) return {};
  out_.Put(bytes, now);
  return {.bytes = bytes.size()};
}

IoResult SlowTransport::Send(Nanos now) {
  blocked_ = false;
  IoResult sent;
  while (true) {
    const std::string_view arrived = out_.Arrived(now);
    if (arrived.empty()) return sent;
    const IoResult put = transport_.Write(arrived);
    if (put.error != 0) return put;
    if (put.bytes == 0) {
      blocked_ = true;
      return sent;
    }
    out_.Take(put.bytes);
    sent.bytes += put.bytes;
  }
}

Nanos SlowTransport::NextDue(Nanos now, bool wants_write) const {
  // The end of what was to be read is told by one more Read.
  Nanos due = ended_ && in_.empty() ? now : in_.NextDue();
  if (!blocked_) due = std::min(due, out_.NextDue());
  if (!ended_ && !in_.HasRoom(now)) due = std::min(due, in_.RoomAt());
  if (wants_write && !out_.HasRoom(now)) due = std::min(due, out_.RoomAt());
  return due;
}

}  // namespace perfrig::drivers
