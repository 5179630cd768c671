// gRPC's own framing: each message behind five bytes, a flag for compression
// and the length.
//
//   while (reader.Read(bytes) == MessageReader::Result::kMessage) {
//     Use(reader.message());
//   }
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_FRAMING_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_FRAMING_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace perfrig::drivers {

inline constexpr std::size_t kPrefixBytes = 5;

std::array<char, kPrefixBytes> MakePrefix(std::uint32_t length,
                                          bool compressed);

// Finds the messages in a stream of bytes that comes in pieces. Memory grows
// with what came, not with what was announced.
class MessageReader {
 public:
  enum class Result {
    kNeedsMore,
    kMessage,
    // Longer than the limit; nothing can be read after it.
    kTooLong,
    // The flag is neither 0 nor 1; nothing can be read after it.
    kBadFlag,
  };

  // Without `keep` the bytes of messages are skipped.
  void Reset(bool keep, std::size_t limit);
  // Takes bytes off the front of `input` up to the end of a message.
  Result Read(std::string_view& input);

  // Of the message that Read has found, until the next Read or Reset, and
  // while the input stays. Empty without `keep`.
  [[nodiscard]] std::string_view message() const { return message_; }
  [[nodiscard]] bool compressed() const { return prefix_[0] != 0; }
  // As announced.
  [[nodiscard]] std::uint32_t length() const { return length_; }
  // Whether a message has begun and not ended.
  [[nodiscard]] bool inside() const { return prefix_read_ > 0; }

 private:
  bool ReadPrefix(std::string_view& input);

  std::array<char, kPrefixBytes> prefix_{};
  std::size_t prefix_read_ = 0;
  std::uint32_t length_ = 0;
  std::uint32_t left_ = 0;
  bool keep_ = false;
  std::size_t limit_ = 0;
  std::string buffer_;
  std::string_view message_;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_FRAMING_H_
