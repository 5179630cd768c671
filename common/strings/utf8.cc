#include "common/strings/utf8.h"

#include <cstddef>
#include <cstdint>

namespace perfrig {
namespace {

// Bytes of the character that starts like this; 0: none does.
std::size_t LengthOf(std::uint8_t first) {
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return 2;
  if (first < 0xF0) return 3;
  return first < 0xF5 ? 4 : 0;
}

// The second byte excludes overlong forms, surrogates and what is too large.
bool SecondFits(std::uint8_t first, std::uint8_t second) {
  if (first == 0xE0) return second >= 0xA0;
  if (first == 0xED) return second < 0xA0;
  if (first == 0xF0) return second >= 0x90;
  if (first == 0xF4) return second < 0x90;
  return true;
}

}  // namespace

bool IsValidUtf8(std::string_view text) {
  const auto byte = [&](std::size_t at) {
    return static_cast<std::uint8_t>(text[at]);
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = LengthOf(byte(at));
    if (length == 0 || text.size() - at < length) return false;
    for (std::size_t i = 1; i < length; ++i) {
      if ((byte(at + i) & 0xC0) != 0x80) return false;
    }
    if (length > 1 && !SecondFits(byte(at), byte(at + 1))) return false;
    at += length;
  }
  return true;
}

}  // namespace perfrig
