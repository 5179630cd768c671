// One direction of a slow network: what goes in comes out after its share of
// the bandwidth and of the latency. Reads no clock.
//
//   SlowLink link({.bytes_per_second = 200'000, .delay = 200 * kMillisecond});
//   if (link.HasRoom(now)) link.Put(bytes, now);
//   link.NextDue();                       // when to look again
//   link.Arrived(now), link.Take(count);  // what has come through
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_SLOW_LINK_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_SLOW_LINK_H_

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "common/time/clock.h"

namespace perfrig::drivers {

class SlowLink {
 public:
  struct Options {
    // 0: no limit.
    double bytes_per_second = 0;
    // On top of what the bandwidth takes.
    Nanos delay = 0;
    // Nothing goes in before.
    Nanos opens = 0;
  };

  explicit SlowLink(const Options& options)
      : options_(options), free_(options.opens) {}

  // Whether the sender may put in more: what waits for its turn on the link
  // fits a buffer. If not, when it may.
  [[nodiscard]] bool HasRoom(Nanos now) const { return RoomAt() <= now; }
  [[nodiscard]] Nanos RoomAt() const;
  // All of `bytes`, however much room there is.
  void Put(std::string_view bytes, Nanos now);

  // What has come through by `now`, from the front; may be only part of it.
  [[nodiscard]] std::string_view Arrived(Nanos now) const;
  void Take(std::size_t count);
  // When more comes through; kNever where nothing is under way.
  [[nodiscard]] Nanos NextDue() const {
    return packets_.empty() ? kNever : packets_.front().arrives;
  }
  [[nodiscard]] bool empty() const { return packets_.empty(); }

 private:
  struct Packet {
    Nanos arrives;
    std::string bytes;
    // Of the bytes, taken already.
    std::size_t taken = 0;
  };

  [[nodiscard]] Nanos TimeOf(std::size_t bytes) const;

  const Options options_;
  // When the link has sent all that was put in.
  Nanos free_;
  std::deque<Packet> packets_;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_SLOW_LINK_H_
