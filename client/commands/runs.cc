#include "client/commands/commands.h"
#include "client/views/rig_text.h"

namespace perfrig {
namespace {

struct Options {
  std::uint32_t limit = 20;
};

int Runs(const Context& context, const Options& options) {
  const auto session = OpenSession(context, /*local=*/false);
  DaemonClient& client = (*session)->client();
  v1::ListRunsRequest request;
  request.set_page_size(options.limit);
  return PrintResponse(
      context, client,
      client.Call(client.runs(), &v1::Runs::Stub::ListRuns, request),
      [&](const v1::ListRunsResponse& list) {
        if (list.runs().empty()) return std::string("No runs yet.\n");
        return RenderRunList(list, context.terminal.style,
                             context.terminal.columns);
      });
}

}  // namespace

void AddRuns(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("runs", "Runs, newest first");
  command->add_option("--limit", options->limit, "At most this many")
      ->check(CLI::Range(1U, 1000U))
      ->capture_default_str();
  command->callback([&context, options] {
    context.chosen = [&context, options] { return Runs(context, *options); };
  });
}

}  // namespace perfrig
