#include "client/commands/commands.h"
#include "client/daemon/suite_file.h"
#include "client/flags/values.h"
#include "client/views/report.h"
#include "client/views/verdict.h"

namespace perfrig {
namespace {

struct Options {
  std::vector<std::string> files;
  std::vector<std::string> settings;
  bool local = false;
};

// 0 if the suite is right.
int Report(const Context& context, const std::string& file,
           const v1::CheckSuiteResponse& response) {
  if (context.json) {
    PrintJson(context.out, response);
  } else if (response.problems().empty()) {
    const Style style = context.terminal.style;
    context.out << Paint(style, Color::kGood, SymbolsOf(style).good) << " "
                << file << ": " << ShortName(response.suite().name()) << ", "
                << response.suite().tests_size()
                << (response.suite().tests_size() == 1 ? " test\n"
                                                       : " tests\n");
  }
  if (!context.json) {
    PrintProblems(context.err, response.problems());
  }
  return response.problems().empty() ? 0 : kExitError;
}

// The daemon at the address; one of our own where none answers.
absl::StatusOr<std::unique_ptr<Session>> OpenAny(const Context& context,
                                                 bool local) {
  if (!local) {
    auto session = OpenSession(context, /*local=*/false);
    DaemonClient& client = (*session)->client();
    const auto status = client.Call(client.rig(), &v1::Rig::Stub::GetStatus,
                                    v1::GetStatusRequest());
    if (!absl::IsUnavailable(status.status())) return session;
  }
  return OpenSession(context, /*local=*/true);
}

int Check(const Context& context, const Options& options) {
  const auto settings = ParseAssignments("--set", options.settings);
  if (!settings.ok()) return FailUsage(context, settings.status());
  int code = 0;
  std::vector<v1::CheckSuiteRequest> requests;
  for (const std::string& file : options.files) {
    auto source = ReadSuite(file, *settings);
    if (source.ok()) {
      *requests.emplace_back().mutable_source() = *std::move(source);
    } else {
      code = FailUsage(context, source.status());
      if (code == kExitUsage) return code;
    }
  }
  if (requests.empty()) return code;
  const auto session = OpenAny(context, options.local);
  if (!session.ok()) return FailStart(context, session.status());
  DaemonClient& client = (*session)->client();
  for (const v1::CheckSuiteRequest& request : requests) {
    const auto response =
        client.Call(client.suites(), &v1::Suites::Stub::CheckSuite, request);
    if (!response.ok()) return Fail(context, client.Explain(response.status()));
    const int one = Report(context, request.source().file_name(), *response);
    if (one != 0) code = one;
  }
  return code;
}

}  // namespace

void AddCheck(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "check", "Whether suite files are right; runs nothing");
  command
      ->add_option("file", options->files, "YAML files, - for standard input")
      ->required();
  AddRepeated(*command, "--set", options->settings,
              "KEY=VALUE for ${KEY} in the files");
  command->add_flag("--local", options->local,
                    "Ask a daemon started for this command");
  command->callback([&context, options] {
    context.chosen = [&context, options] { return Check(context, *options); };
  });
}

}  // namespace perfrig
