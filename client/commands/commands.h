// One function a command: adds it to `app`; if it is chosen, it leaves what
// is to be done in `context.chosen`. Both outlive the parsing.
#ifndef PERFRIG_CLIENT_COMMANDS_COMMANDS_H_
#define PERFRIG_CLIENT_COMMANDS_COMMANDS_H_

#include <string>
#include <vector>

#include "CLI/App.hpp"
#include "client/commands/context.h"

namespace perfrig {

// An option that may be given again and again, one value each time; what
// follows the value is no part of it.
inline CLI::Option* AddRepeated(CLI::App& command, const char* name,
                                std::vector<std::string>& values,
                                const char* help) {
  return command.add_option(name, values, help)->allow_extra_args(false);
}

void AddList(CLI::App& app, Context& context);
void AddShow(CLI::App& app, Context& context);
void AddNew(CLI::App& app, Context& context);
void AddCheck(CLI::App& app, Context& context);
void AddRun(CLI::App& app, Context& context);
void AddCall(CLI::App& app, Context& context);
void AddWatch(CLI::App& app, Context& context);
void AddCancel(CLI::App& app, Context& context);
void AddRuns(CLI::App& app, Context& context);
void AddResult(CLI::App& app, Context& context);
void AddTarget(CLI::App& app, Context& context);
void AddCalibrate(CLI::App& app, Context& context);
void AddStatus(CLI::App& app, Context& context);
void AddCompletion(CLI::App& app, Context& context);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_COMMANDS_COMMANDS_H_
