#include "client/commands/commands.h"
#include "client/views/rig_text.h"

namespace perfrig {
namespace {

int Status(const Context& context) {
  const auto session = OpenSession(context, /*local=*/false);
  DaemonClient& client = (*session)->client();
  return PrintResponse(context, client,
                       client.Call(client.rig(), &v1::Rig::Stub::GetStatus,
                                   v1::GetStatusRequest()),
                       [&](const v1::Status& status) {
                         return RenderStatus(status, context.clock.WallTime(),
                                             context.terminal.style);
                       });
}

}  // namespace

void AddStatus(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("status", "Is the daemon well?");
  command->callback(
      [&context] { context.chosen = [&context] { return Status(context); }; });
}

}  // namespace perfrig
