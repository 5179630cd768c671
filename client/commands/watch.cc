#include "client/commands/commands.h"
#include "client/commands/follow.h"

namespace perfrig {
namespace {

int Watch(const Context& context, const std::string& run) {
  Signals signals = context.catch_signals();
  const auto session = OpenSession(context, /*local=*/false);
  FollowOptions options;
  options.cancel_on_interrupt = false;
  return WatchAndFollow(context, **session, signals, Qualified("runs", run),
                        options);
}

}  // namespace

void AddWatch(CLI::App& app, Context& context) {
  auto run = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "watch", "Follow a run; Ctrl-C stops watching, not the run");
  command->add_option("run", *run, "Its name")->required();
  command->callback([&context, run] {
    context.chosen = [&context, run] { return Watch(context, *run); };
  });
}

}  // namespace perfrig
