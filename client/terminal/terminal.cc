#include "client/terminal/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace perfrig {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The first of these that is set decides, as setlocale(3) has it.
bool LocaleIsUtf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value = absl::AsciiStrToLower(Environment(name));
    if (value.empty()) continue;
    return absl::StrContains(value, "utf-8") ||
           absl::StrContains(value, "utf8");
  }
  return false;
}

}  // namespace

int TerminalColumns() {
  winsize size = {};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

Terminal DetectTerminal(bool no_color) {
  Terminal terminal;
  const bool tty = isatty(STDOUT_FILENO) == 1;
  const bool dumb =
      Environment("TERM").empty() || Environment("TERM") == "dumb";
  terminal.style.utf8 = LocaleIsUtf8();
  terminal.style.color =
      tty && !dumb && !no_color && Environment("NO_COLOR").empty();
  terminal.live = tty && !dumb && Environment("CI").empty();
  terminal.columns = tty ? TerminalColumns() : 0;
  // A terminal that does not tell its size.
  if (terminal.live && terminal.columns == 0) terminal.columns = 80;
  return terminal;
}

}  // namespace perfrig
