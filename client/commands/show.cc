#include "client/commands/commands.h"
#include "client/views/suite_text.h"

namespace perfrig {
namespace {

struct Options {
  std::string suite;
  bool local = false;
};

int Show(const Context& context, const Options& options) {
  const auto session = OpenSession(context, options.local);
  if (!session.ok()) return FailStart(context, session.status());
  DaemonClient& client = (*session)->client();
  v1::GetSuiteRequest request;
  request.set_name(Qualified("suites", options.suite));
  return PrintResponse(
      context, client,
      client.Call(client.suites(), &v1::Suites::Stub::GetSuite, request),
      [&](const v1::Suite& suite) {
        return RenderSuite(suite, context.terminal.style,
                           context.terminal.columns);
      });
}

}  // namespace

void AddShow(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("show", "What a suite would do: calls, load, bounds");
  command->add_option("suite", options->suite, "Its name")->required();
  command->add_flag("--local", options->local,
                    "Ask a daemon started for this command");
  command->callback([&context, options] {
    context.chosen = [&context, options] { return Show(context, *options); };
  });
}

}  // namespace perfrig
