// perfrigd's command line.
#ifndef PERFRIG_SERVER_COMMAND_LINE_H_
#define PERFRIG_SERVER_COMMAND_LINE_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "server/config.h"

namespace perfrig {

// What a command line asks for: a text to print, or to serve.
struct Command {
  // --help or --version.
  std::optional<std::string> text;
  Config config;
};

// Reads flags, environment and the file that either names. INVALID_ARGUMENT
// says all that is wrong.
absl::StatusOr<Command> ReadCommandLine(
    int argc, const char* const* argv,
    const std::function<const char*(const char* name)>& variable);

}  // namespace perfrig

#endif  // PERFRIG_SERVER_COMMAND_LINE_H_
