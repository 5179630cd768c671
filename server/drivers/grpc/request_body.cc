#include "server/drivers/grpc/request_body.h"

#include <algorithm>

#include "server/drivers/grpc/gzip.h"

namespace perfrig::drivers {

void RequestBody::Begin(const std::vector<std::string>& messages, bool compress,
                        const Pace& pace) {
  Clear();
  pace_ = pace;
  messages_ = &messages;
  compressed_ = compress;
  if (!compress) return;
  packed_.resize(messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    Gzip(messages[i], packed_[i]);
  }
  messages_ = &packed_;
}

void RequestBody::Clear() {
  messages_ = nullptr;
  index_ = 0;
  offset_ = 0;
  bytes_ = 0;
}

std::size_t RequestBody::Read(std::span<std::uint8_t> into, Nanos now) {
  std::size_t filled = 0;
  while (filled < into.size() && messages_ != nullptr && !read_all()) {
    if (offset_ == 0 && next_due() > now) break;
    const std::string& message = (*messages_)[index_];
    if (offset_ == 0) {
      prefix_ =
          MakePrefix(static_cast<std::uint32_t>(message.size()), compressed_);
    }
    const char* from = offset_ < kPrefixBytes
                           ? prefix_.data() + offset_
                           : message.data() + (offset_ - kPrefixBytes);
    const std::size_t left =
        (offset_ < kPrefixBytes ? kPrefixBytes
                                : kPrefixBytes + message.size()) -
        offset_;
    const std::size_t taken = std::min(left, into.size() - filled);
    std::copy_n(from, taken, into.data() + filled);
    filled += taken;
    offset_ += taken;
    if (offset_ == kPrefixBytes + message.size()) {
      ++index_;
      offset_ = 0;
    }
  }
  bytes_ += filled;
  return filled;
}

}  // namespace perfrig::drivers
