#include "client/commands/commands.h"
#include "client/views/report.h"
#include "client/views/suite_text.h"
#include "client/views/verdict.h"

namespace perfrig {
namespace {

struct Options {
  std::string pattern;
  bool names = false;
  bool local = false;
};

std::string Names(const v1::ListSuitesResponse& list) {
  std::string text;
  for (const auto& suite : list.suites()) {
    text += ShortName(suite.name()) + "\n";
  }
  return text;
}

int List(const Context& context, const Options& options) {
  const auto session = OpenSession(context, options.local);
  if (!session.ok()) return FailStart(context, session.status());
  DaemonClient& client = (*session)->client();
  v1::ListSuitesRequest request;
  request.set_pattern(options.pattern);
  const auto response =
      client.Call(client.suites(), &v1::Suites::Stub::ListSuites, request);
  const int code =
      PrintResponse(context, client, response, [&](const auto& list) {
        if (options.names) return Names(list);
        return RenderSuiteList(list, context.terminal.style,
                               context.terminal.columns);
      });
  if (code != 0) return code;
  if (!context.json) PrintProblems(context.err, response->problems());
  if (!response->suites().empty()) return 0;
  return Fail(context, {kExitError, options.pattern.empty()
                                        ? "The daemon has no suites."
                                        : "No suite's name matches \"" +
                                              options.pattern + "\"."});
}

}  // namespace

void AddList(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("list", "Suites that can be run");
  command->add_option("pattern", options->pattern,
                      "Only names like this; quote * and ?");
  command->add_flag("--names", options->names, "Names only, one a line");
  command->add_flag("--local", options->local,
                    "Ask a daemon started for this command");
  command->callback([&context, options] {
    context.chosen = [&context, options] { return List(context, *options); };
  });
}

}  // namespace perfrig
