// The messages of a request as the bytes of DATA frames.
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_REQUEST_BODY_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_REQUEST_BODY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/time/clock.h"
#include "server/drivers/grpc/framing.h"

namespace perfrig::drivers {

// Messages are read from where they are: no copy of them is made, unless they
// are compressed.
class RequestBody {
 public:
  // When messages may be read.
  struct Pace {
    // The first one; kNever: see set_first.
    Nanos first = 0;
    // From one to the next.
    Nanos interval = 0;
    // Whether the body goes on after the last one, until End.
    bool stays_open = false;
  };

  // `messages` stay valid and unchanged while the body is read.
  void Begin(const std::vector<std::string>& messages, bool compress,
             const Pace& pace);
  void Clear();
  void set_first(Nanos at) { pace_.first = at; }
  void End() { pace_.stays_open = false; }

  // Fills `into` as far as there are bytes that may be read at `now`; how many.
  std::size_t Read(std::span<std::uint8_t> into, Nanos now);
  // Whether all was read.
  [[nodiscard]] bool finished() const {
    return messages_ == nullptr || (read_all() && !pace_.stays_open);
  }
  // When the next message may be read; kNever: that is not known.
  [[nodiscard]] Nanos next_due() const {
    if (pace_.first == kNever || read_all()) return kNever;
    return pace_.first + static_cast<Nanos>(index_) * pace_.interval;
  }
  // Messages read whole, and bytes with their framing.
  [[nodiscard]] std::uint32_t messages_read() const {
    return static_cast<std::uint32_t>(index_);
  }
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_; }

 private:
  [[nodiscard]] bool read_all() const { return index_ == messages_->size(); }

  const std::vector<std::string>* messages_ = nullptr;
  Pace pace_;
  bool compressed_ = false;
  // Of the message that is being read; the offset counts its prefix.
  std::size_t index_ = 0;
  std::size_t offset_ = 0;
  std::array<char, kPrefixBytes> prefix_{};
  std::uint64_t bytes_ = 0;
  std::vector<std::string> packed_;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_REQUEST_BODY_H_
