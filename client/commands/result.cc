#include <fstream>

#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/follow.h"
#include "client/views/report.h"
#include "client/views/verdict.h"

namespace perfrig {
namespace {

struct Options {
  std::string run;
  // Where the profiles of the run go; empty: nowhere.
  std::string folded;
  int slowest_tests = 0;
};

// All profiles of the run, each below the name of its test.
absl::Status WriteFolded(const v1::Run& run, const std::string& path) {
  std::string text;
  for (const v1::SuiteResult& suite : run.suites()) {
    for (const v1::TestResult& test : suite.tests()) {
      for (const std::string& stack : test.cpu_profile()) {
        absl::StrAppend(&text, ShortName(suite.suite().name()), "/",
                        test.test(), ";", stack, "\n");
      }
    }
  }
  if (text.empty()) {
    return absl::NotFoundError(
        absl::StrCat(run.name(),
                     " has no profile: no test of it that ran says "
                     "profile: cpu"));
  }
  std::ofstream file(path);
  file << text;
  file.close();
  if (file) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot write \"", path, "\""));
}

int Result(const Context& context, const Options& options) {
  const auto session = OpenSession(context, /*local=*/false);
  DaemonClient& client = (*session)->client();
  v1::GetRunRequest request;
  request.set_name(Qualified("runs", options.run));
  const auto run = client.Call(client.runs(), &v1::Runs::Stub::GetRun, request);
  if (!run.ok()) return Fail(context, client.Explain(run.status()));
  if (!options.folded.empty()) {
    const absl::Status written = WriteFolded(*run, options.folded);
    if (!written.ok()) {
      return Fail(context, {kExitError, std::string(written.message())});
    }
  }
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
  command
      ->add_option("--folded", options->folded,
                   "Write the CPU profiles of its tests as folded stacks, for "
                   "flame graph tools")
      ->type_name("FILE");
  command->callback([&context, options] {
    context.chosen = [&context, options] { return Result(context, *options); };
  });
}

}  // namespace perfrig
