#include "client/commands/commands.h"
#include "client/views/verdict.h"

namespace perfrig {
namespace {

struct Options {
  std::string run;
  std::string reason;
};

std::string Outcome(const v1::Run& run) {
  if (run.state() != v1::FINISHED) return run.name() + " is being cancelled\n";
  return run.name() + " has ended: " + VerdictName(run.verdict()) + "\n";
}

int Cancel(const Context& context, const Options& options) {
  const auto session = OpenSession(context, /*local=*/false);
  DaemonClient& client = (*session)->client();
  v1::CancelRunRequest request;
  request.set_name(Qualified("runs", options.run));
  request.set_reason(options.reason);
  return PrintResponse(
      context, client,
      client.Call(client.runs(), &v1::Runs::Stub::CancelRun, request), Outcome);
}

}  // namespace

void AddCancel(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("cancel", "End a queued or running run");
  command->add_option("run", options->run, "Its name")->required();
  command->add_option("--reason", options->reason, "Kept with the run");
  command->callback([&context, options] {
    context.chosen = [&context, options] { return Cancel(context, *options); };
  });
}

}  // namespace perfrig
