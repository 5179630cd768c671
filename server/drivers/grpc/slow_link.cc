#include "server/drivers/grpc/slow_link.h"

#include <algorithm>

namespace perfrig::drivers {
namespace {

// What waits for its turn before a sender must wait, as in a socket.
constexpr std::size_t kBuffer = std::size_t{64} << 10;
// Comes through as one, as on most networks.
constexpr std::size_t kPacket = 1'460;

}  // namespace

Nanos SlowLink::TimeOf(std::size_t bytes) const {
  if (options_.bytes_per_second <= 0) return 0;
  return static_cast<Nanos>(static_cast<double>(bytes) * 1e9 /
                            options_.bytes_per_second);
}

Nanos SlowLink::RoomAt() const {
  return std::max(options_.opens, free_ - TimeOf(kBuffer));
}

void SlowLink::Put(std::string_view bytes, Nanos now) {
  free_ = std::max(free_, now);
  while (!bytes.empty()) {
    const std::string_view packet = bytes.substr(0, kPacket);
    bytes.remove_prefix(packet.size());
    free_ += TimeOf(packet.size());
    const Nanos arrives = free_ + options_.delay;
    if (!packets_.empty() && packets_.back().arrives == arrives) {
      packets_.back().bytes.append(packet);
    } else {
      packets_.push_back({arrives, std::string(packet)});
    }
  }
}

std::string_view SlowLink::Arrived(Nanos now) const {
  if (packets_.empty() || packets_.front().arrives > now) return {};
  const Packet& packet = packets_.front();
  return std::string_view(packet.bytes).substr(packet.taken);
}

void SlowLink::Take(std::size_t count) {
  Packet& packet = packets_.front();
  packet.taken += count;
  if (packet.taken == packet.bytes.size()) packets_.pop_front();
}

}  // namespace perfrig::drivers
