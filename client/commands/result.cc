#include "client/commands/commands.h"
#include "client/commands/follow.h"
#include "client/views/verdict.h"

namespace perfrig {
namespace {

struct Options {
  std::string run;
  int slowest_tests = 0;
};

int Result(const Context& context, const Options& options) {
  const auto session = OpenSession(context, /*local=*/false);
  DaemonClient& client = (*session)->client();
  v1::GetRunRequest request;
  request.set_name(Qualified("runs", options.run));
  const auto run = client.Call(client.runs(), &v1::Runs::Stub::GetRun, request);
  if (!run.ok()) return Fail(context, client.Explain(run.status()));
  PrintRun(context, *run, options.slowest_tests, /*again=*/false);
  // A script that asks too early must not take that for a pass.
  return ExitCode(run->verdict());
}

}  // namespace

void AddResult(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "result",
      "The report of a run; exits by its verdict, 1 before it has one");
  command->add_option("run", options->run, "Its name")->required();
  command
      ->add_option("--durations", options->slowest_tests,
                   "List the N tests that took longest")
      ->check(CLI::Range(0, 1000));
  command->callback([&context, options] {
    context.chosen = [&context, options] { return Result(context, *options); };
  });
}

}  // namespace perfrig
