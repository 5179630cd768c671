#include "server/drivers/grpc/framing.h"

#include <algorithm>

namespace perfrig::drivers {
namespace {

// A buffer that once held a large message is given back.
constexpr std::size_t kKeptCapacity = std::size_t{1} << 20;

}  // namespace

std::array<char, kPrefixBytes> MakePrefix(std::uint32_t length,
                                          bool compressed) {
  return {static_cast<char>(compressed ? 1 : 0),
          static_cast<char>(length >> 24), static_cast<char>(length >> 16),
          static_cast<char>(length >> 8), static_cast<char>(length)};
}

void MessageReader::Reset(bool keep, std::size_t limit) {
  prefix_read_ = 0;
  keep_ = keep;
  limit_ = limit;
  message_ = {};
  if (buffer_.capacity() > kKeptCapacity) {
    buffer_ = std::string();
  } else {
    buffer_.clear();
  }
}

MessageReader::Result MessageReader::Read(std::string_view& input) {
  if (prefix_read_ < kPrefixBytes) {
    if (!ReadPrefix(input)) return Result::kNeedsMore;
    if (prefix_[0] != 0 && prefix_[0] != 1) return Result::kBadFlag;
    if (length_ > limit_) return Result::kTooLong;
    left_ = length_;
    buffer_.clear();
    message_ = {};
  }
  const std::string_view part =
      input.substr(0, std::min<std::size_t>(left_, input.size()));
  input.remove_prefix(part.size());
  left_ -= static_cast<std::uint32_t>(part.size());
  const bool whole = part.size() == length_;
  if (keep_ && !whole) buffer_.append(part);
  if (left_ > 0) return Result::kNeedsMore;
  if (keep_) message_ = whole ? part : std::string_view(buffer_);
  prefix_read_ = 0;
  return Result::kMessage;
}

bool MessageReader::ReadPrefix(std::string_view& input) {
  const std::size_t taken = std::min(kPrefixBytes - prefix_read_, input.size());
  std::copy_n(input.begin(), taken, prefix_.begin() + prefix_read_);
  prefix_read_ += taken;
  input.remove_prefix(taken);
  if (prefix_read_ < kPrefixBytes) return false;
  length_ = 0;
  for (std::size_t i = 1; i < kPrefixBytes; ++i) {
    length_ = length_ << 8 | static_cast<unsigned char>(prefix_[i]);
  }
  return true;
}

}  // namespace perfrig::drivers
