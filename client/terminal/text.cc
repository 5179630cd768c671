#include "client/terminal/text.h"

#include <algorithm>
#include <cstddef>
#include <utility>

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

bool IsNumber(std::string_view word) {
  const auto is_digit = [](char byte) { return byte >= '0' && byte <= '9'; };
  if (!word.empty() && word[0] == '(') word.remove_prefix(1);
  return !word.empty() && is_digit(word.front()) && is_digit(word.back());
}

std::string_view SkipBlanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text;
}

// Bytes of the first word of `text` with the blanks before it; what follows a
// number after one blank belongs to it.
std::size_t WordLength(std::string_view text) {
  const std::size_t begin = text.size() - SkipBlanks(text).size();
  const std::size_t end = std::min(text.find(' ', begin), text.size());
  if (end + 1 >= text.size() || text[end + 1] == ' ' ||
      !IsNumber(text.substr(begin, end - begin))) {
    return end;
  }
  return std::min(text.find(' ', end + 1), text.size());
}

// Lines that are filled with one piece of text after the other.
class Lines {
 public:
  Lines(int width, int indent)
      : width_(width), margin_(static_cast<std::size_t>(indent), ' ') {}

  // On the line at work, else on the next; word by word where it is wider
  // than a line.
  void Add(std::string_view piece) {
    if (Fits(line_, piece) || Fits(margin_, SkipBlanks(piece))) {
      return Put(piece);
    }
    while (!piece.empty()) {
      const std::size_t length = WordLength(piece);
      Put(piece.substr(0, length));
      piece.remove_prefix(length);
    }
  }

  std::vector<std::string> Take() && {
    lines_.push_back(std::move(line_));
    return std::move(lines_);
  }

 private:
  [[nodiscard]] bool Fits(std::string_view line, std::string_view piece) const {
    return DisplayWidth(line) + DisplayWidth(piece) <= width_;
  }

  void Put(std::string_view piece) {
    if (!line_.empty() && !Fits(line_, piece)) {
      lines_.push_back(std::move(line_));
      line_ = margin_;
      piece = SkipBlanks(piece);
    }
    line_ += piece;
  }

  const int width_;
  const std::string margin_;
  std::string line_;
  std::vector<std::string> lines_;
};

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

std::string CutMiddle(std::string_view text, int width,
                      std::string_view ellipsis) {
  const int all = DisplayWidth(text);
  if (width <= 0 || all <= width) return std::string(text);
  const int tail = (width - 1) / 2;
  const int head = width - 1 - tail;
  std::string result;
  for (int seen = 0; !text.empty();) {
    std::size_t length = EscapeLength(text);
    const bool escape = length > 0;
    if (!escape) length = CharacterLength(text);
    if (escape || seen < head || seen >= all - tail) {
      result += text.substr(0, length);
    } else if (seen == head) {
      result += ellipsis;
    }
    if (!escape) ++seen;
    text.remove_prefix(length);
  }
  return result;
}

std::vector<std::string> Wrap(std::string_view text, int width, int indent,
                              std::string_view separator) {
  if (width <= 0 || DisplayWidth(text) <= width) return {std::string(text)};
  Lines lines(width, indent);
  while (!text.empty()) {
    const std::size_t found = text.find(separator);
    // The blank at the separator's end stands before what follows.
    const std::size_t end = found == std::string_view::npos
                                ? text.size()
                                : found + separator.size() - 1;
    lines.Add(text.substr(0, end));
    text.remove_prefix(end);
  }
  return std::move(lines).Take();
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
