// Widths of text on a terminal, and text that is safe to put there.
#ifndef PERFRIG_CLIENT_TERMINAL_TEXT_H_
#define PERFRIG_CLIENT_TERMINAL_TEXT_H_

#include <string>
#include <string_view>
#include <vector>

namespace perfrig {

// Columns that `text` takes: code points of UTF-8, colours not counted.
[[nodiscard]] int DisplayWidth(std::string_view text);

// The first columns of `text`, with `ellipsis` (one column) at its end if it
// was longer; open colours are closed. A width of 0 or less cuts nothing.
[[nodiscard]] std::string CutToWidth(std::string_view text, int width,
                                     std::string_view ellipsis);

// The same, but what is left out is the middle: names often differ at their
// ends.
[[nodiscard]] std::string CutMiddle(std::string_view text, int width,
                                    std::string_view ellipsis);

// `text` in lines of `width` columns (0 or less: one line), the later ones
// behind `indent` blanks. Lines end behind `separator` (" · ") where that
// helps, else between words, but never between a number and its unit. A word
// that is wider than a line stays whole.
[[nodiscard]] std::vector<std::string> Wrap(std::string_view text, int width,
                                            int indent,
                                            std::string_view separator);

// `text` followed (preceded) by blanks up to `width` columns.
[[nodiscard]] std::string PadRight(std::string text, int width);
[[nodiscard]] std::string PadLeft(std::string text, int width);

// `text` on one line and without control characters, so that what a target
// answers cannot steer the terminal.
[[nodiscard]] std::string Printable(std::string_view text);

// True if `text` is well-formed UTF-8, as protobuf's strings must be.
[[nodiscard]] bool IsUtf8(std::string_view text);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_TERMINAL_TEXT_H_
