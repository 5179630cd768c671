// Completion for shells, made from the commands themselves.
#ifndef PERFRIG_CLIENT_COMMANDS_COMPLETION_SCRIPT_H_
#define PERFRIG_CLIENT_COMMANDS_COMPLETION_SCRIPT_H_

#include <string>

#include "CLI/App.hpp"

namespace perfrig {

// A script for bash that completes commands, flags, files and, where a daemon
// answers, names of suites. zsh takes it too, through bashcompinit.
[[nodiscard]] std::string CompletionScript(const CLI::App& app, bool zsh);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_COMMANDS_COMPLETION_SCRIPT_H_
