// `perfrig target set` with a file.
#ifndef PERFRIG_CLIENT_COMMANDS_SET_FROM_FILE_H_
#define PERFRIG_CLIENT_COMMANDS_SET_FROM_FILE_H_

#include <string>

#include "client/commands/context.h"

namespace perfrig {

// The file is of `target`, or, where that is empty, of several by their names.
// All of it is checked before anything changes; what the daemon refuses all the
// same leaves every target as it was. Prints and gives the exit code.
int SetFromFile(const Context& context, const std::string& target,
                const std::string& path);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_COMMANDS_SET_FROM_FILE_H_
