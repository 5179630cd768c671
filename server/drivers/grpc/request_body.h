// The messages of a request as the bytes of DATA frames.
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_REQUEST_BODY_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_REQUEST_BODY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "server/drivers/grpc/framing.h"

namespace perfrig::drivers {

// Messages are read from where they are: no copy of them is made, unless they
// are compressed.
class RequestBody {
 public:
  // `messages` stay valid and unchanged while the body is read.
  void Begin(const std::vector<std::string>& messages, bool compress);
  void Clear();

  // Fills `into` as far as there are bytes; how many.
  std::size_t Read(std::span<std::uint8_t> into);
  // Whether all was read.
  [[nodiscard]] bool finished() const {
    return messages_ == nullptr || index_ == messages_->size();
  }
  // Messages read whole, and bytes with their framing.
  [[nodiscard]] std::uint32_t messages_read() const {
    return static_cast<std::uint32_t>(index_);
  }
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_; }

 private:
  const std::vector<std::string>* messages_ = nullptr;
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
