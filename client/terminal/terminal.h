// What this process writes to: a terminal or not, how wide, in which style.
#ifndef PERFRIG_CLIENT_TERMINAL_TERMINAL_H_
#define PERFRIG_CLIENT_TERMINAL_TERMINAL_H_

#include "client/terminal/style.h"

namespace perfrig {

struct Terminal {
  Style style;
  // The view may be redrawn in place.
  bool live = false;
  // Columns; 0 where lines must not be cut (a file, a pipe).
  int columns = 0;
};

// What the environment says of standard output: TERM, NO_COLOR, CI, locale.
[[nodiscard]] Terminal DetectTerminal(bool no_color);

// Columns of standard output now; 0 if it is not a terminal.
[[nodiscard]] int TerminalColumns();

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_TERMINAL_TERMINAL_H_
