#include "client/terminal/text.h"

#include <cstddef>

namespace perfrig {
namespace {

// Bytes of the colour sequence at the start of `text`; 0 if none is there.
std::size_t EscapeLength(std::string_view text) {
  if (text.size() < 2 || text[0] != '\x1b' || text[1] != '[') return 0;
  std::size_t length = 2;
  while (length < text.size() && (text[length] < '@' || text[length] > '~')) {
    ++length;
  }
  return length < text.size() ? length + 1 : text.size();
}

bool Continues(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// Bytes of the code point at the start of `text`, which is not empty.
std::size_t CharacterLength(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && Continues(text[length])) ++length;
  return length;
}

// Continuation bytes after a lead byte; -1 if it is none.
int FollowersOf(unsigned char lead) {
  if (lead < 0x80) return 0;
  if (lead >= 0xC2 && lead <= 0xDF) return 1;
  if (lead >= 0xE0 && lead <= 0xEF) return 2;
  if (lead >= 0xF0 && lead <= 0xF4) return 3;
  return -1;
}

// Whether the byte after `lead` keeps it from overlong forms, surrogates and
// what lies above U+10FFFF.
bool MayFollow(unsigned char lead, unsigned char second) {
  if (lead == 0xE0) return second >= 0xA0;
  if (lead == 0xED) return second < 0xA0;
  if (lead == 0xF0) return second >= 0x90;
  if (lead == 0xF4) return second < 0x90;
  return true;
}

}  // namespace

int DisplayWidth(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    if (const std::size_t escape = EscapeLength(text); escape > 0) {
      text.remove_prefix(escape);
      continue;
    }
    text.remove_prefix(CharacterLength(text));
    ++width;
  }
  return width;
}

std::string CutToWidth(std::string_view text, int width,
                       std::string_view ellipsis) {
  if (width <= 0 || DisplayWidth(text) <= width) return std::string(text);
  std::string result;
  bool colored = false;
  for (int used = 0; used < width - 1 && !text.empty();) {
    std::size_t length = EscapeLength(text);
    if (length > 0) {
      colored = true;
    } else {
      length = CharacterLength(text);
      ++used;
    }
    result += text.substr(0, length);
    text.remove_prefix(length);
  }
  result += ellipsis;
  if (colored) result += "\x1b[0m";
  return result;
}

std::string PadRight(std::string text, int width) {
  const int missing = width - DisplayWidth(text);
  if (missing > 0) text.append(static_cast<std::size_t>(missing), ' ');
  return text;
}

std::string PadLeft(std::string text, int width) {
  const int missing = width - DisplayWidth(text);
  if (missing <= 0) return text;
  return std::string(static_cast<std::size_t>(missing), ' ') + text;
}

std::string Printable(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // C1 controls (U+0080 to U+009F) are the bytes C2 80 to C2 9F.
    const bool c1 = byte == 0xC2 && i + 1 < text.size() &&
                    static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c1) ++i;
    if (c1 || byte < 0x20 || byte == 0x7F) {
      result += ' ';
    } else {
      result += text[i];
    }
  }
  while (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const int followers = FollowersOf(lead);
    if (followers < 0) return false;
    const auto length = static_cast<std::size_t>(followers) + 1;
    if (text.size() < length) return false;
    for (std::size_t i = 1; i < length; ++i) {
      if (!Continues(text[i])) return false;
    }
    if (length > 1 && !MayFollow(lead, static_cast<unsigned char>(text[1]))) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace perfrig
