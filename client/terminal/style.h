// What a terminal can show: colours and symbols.
#ifndef PERFRIG_CLIENT_TERMINAL_STYLE_H_
#define PERFRIG_CLIENT_TERMINAL_STYLE_H_

#include <string>
#include <string_view>

namespace perfrig {

// Meanings, not hues; style.cc says how each one looks.
enum class Color { kPlain, kStrong, kQuiet, kGood, kBad, kWarning, kAccent };

// What may be written: decided once (terminal.h) and handed to everything
// that renders.
struct Style {
  bool color = false;
  bool utf8 = false;
};

// `text` in `color`; as it is where the style has no colours.
[[nodiscard]] std::string Paint(Style style, Color color,
                                std::string_view text);

// Each one column wide, but for `micro`, which is "µ" or "u".
struct Symbols {
  std::string_view good;
  std::string_view bad;
  std::string_view warning;
  std::string_view skipped;
  std::string_view running;
  std::string_view dot;
  std::string_view ellipsis;
  std::string_view micro;
};
[[nodiscard]] const Symbols& SymbolsOf(Style style);

// " · ", between facts on one line.
[[nodiscard]] std::string Separator(Style style);

// `share` of `width` columns filled; shares outside 0 to 1 are clamped.
[[nodiscard]] std::string Bar(Style style, double share, int width);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_TERMINAL_STYLE_H_
