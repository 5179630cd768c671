// Widths of text on a terminal, and text that is safe to put there.
#ifndef PERFRIG_CLIENT_TERMINAL_TEXT_H_
#define PERFRIG_CLIENT_TERMINAL_TEXT_H_

#include <string>
#include <string_view>

namespace perfrig {

// Columns that `text` takes: code points of UTF-8, colours not counted.
[[nodiscard]] int DisplayWidth(std::string_view text);

// The first columns of `text`, with `ellipsis` (one column) at its end if it
// was longer; open colours are closed. A width of 0 or less cuts nothing.
[[nodiscard]] std::string CutToWidth(std::string_view text, int width,
                                     std::string_view ellipsis);

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
