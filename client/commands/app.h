// The whole command line, without main's globals.
#ifndef PERFRIG_CLIENT_COMMANDS_APP_H_
#define PERFRIG_CLIENT_COMMANDS_APP_H_

#include <string>
#include <vector>

#include "client/commands/context.h"

namespace perfrig {

// Runs `perfrig` with these arguments (without the program's name) and
// returns its exit code.
int RunApp(std::vector<std::string> arguments, Context& context);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_COMMANDS_APP_H_
