// Following a run to its end: what is shown on the way, Ctrl-C, the report.
#ifndef PERFRIG_CLIENT_COMMANDS_FOLLOW_H_
#define PERFRIG_CLIENT_COMMANDS_FOLLOW_H_

#include <string>

#include "client/commands/context.h"
#include "perfrig/v1/run.pb.h"

namespace perfrig {

struct FollowOptions {
  // Ctrl-C cancels the run; else it only stops watching.
  bool cancel_on_interrupt = true;
  // Tests to list by the time they took; 0: none.
  int slowest_tests = 0;
};

// Starts `request` and follows it; returns the exit code.
int RunAndFollow(const Context& context, Session& session, Signals& signals,
                 const v1::StartRunRequest& request,
                 const FollowOptions& options);

// Follows the run `name` ("runs/…").
int WatchAndFollow(const Context& context, Session& session, Signals& signals,
                   const std::string& name, const FollowOptions& options);

// The report or the JSON of a run, as `result` prints it.
void PrintRun(const Context& context, const v1::Run& run, int slowest_tests,
              bool again);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_COMMANDS_FOLLOW_H_
