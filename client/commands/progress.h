// What is shown of a run while it happens: a view redrawn in place, plain
// lines, or nothing.
#ifndef PERFRIG_CLIENT_COMMANDS_PROGRESS_H_
#define PERFRIG_CLIENT_COMMANDS_PROGRESS_H_

#include <memory>
#include <string>

#include "client/commands/context.h"
#include "perfrig/v1/run.pb.h"

namespace perfrig {

class Progress {
 public:
  virtual ~Progress() = default;

  virtual void Apply(const v1::RunEvent& event) = 0;
  // Something about the run that the daemon does not tell; "" takes it back.
  virtual void Notice(const std::string& notice) = 0;
  virtual void Resize() {}
};

// Live on a terminal, lines elsewhere, nothing beside JSON. `context`
// outlives it.
std::unique_ptr<Progress> MakeProgress(const Context& context);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_COMMANDS_PROGRESS_H_
