#include "client/terminal/style.h"

#include <algorithm>
#include <cmath>

namespace perfrig {
namespace {

constexpr Symbols kUtf8 = {"✓", "✗", "!", "–", "▸", "·", "…", "µ"};
constexpr Symbols kAscii = {"+", "x", "!", "-", ">", "-", "~", "u"};

std::string_view Code(Color color) {
  switch (color) {
    case Color::kPlain:
      return "";
    case Color::kStrong:
      return "1";
    case Color::kQuiet:
      return "2";
    case Color::kGood:
      return "32";
    case Color::kBad:
      return "31";
    case Color::kWarning:
      return "33";
    case Color::kAccent:
      return "36";
  }
  return "";
}

std::string Repeat(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

}  // namespace

std::string Paint(Style style, Color color, std::string_view text) {
  const std::string_view code = Code(color);
  if (!style.color || code.empty() || text.empty()) return std::string(text);
  std::string result = "\x1b[";
  result.append(code).append("m").append(text).append("\x1b[0m");
  return result;
}

const Symbols& SymbolsOf(Style style) { return style.utf8 ? kUtf8 : kAscii; }

std::string Separator(Style style) {
  return " " + std::string(SymbolsOf(style).dot) + " ";
}

std::string Bar(Style style, double share, int width) {
  if (!(share >= 0)) share = 0;
  share = std::min(share, 1.0);
  if (!style.utf8) {
    const int full = static_cast<int>(std::lround(share * width));
    return Paint(style, Color::kAccent, Repeat("#", full)) +
           Paint(style, Color::kQuiet, Repeat(".", width - full));
  }
  // A heavy line over a light one: calmer than blocks, half a column exact.
  const int halves = static_cast<int>(std::lround(share * width * 2));
  std::string done = Repeat("━", halves / 2);
  int left = width - halves / 2;
  if (halves % 2 == 1) {
    done += "╸";
    --left;
  }
  return Paint(style, Color::kAccent, done) +
         Paint(style, Color::kQuiet, Repeat("─", left));
}

}  // namespace perfrig
