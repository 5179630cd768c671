#include "client/commands/app.h"

#include <algorithm>

#include "CLI/App.hpp"
#include "CLI/Config.hpp"
#include "CLI/Formatter.hpp"
#include "client/commands/commands.h"
#include "client/flags/values.h"
#include "client/views/verdict.h"
#include "common/strings/nearest.h"

namespace perfrig {
namespace {

constexpr char kAbout[] =
    "perfrig runs performance suites on a daemon (perfrigd), shows them live "
    "and exits by their verdict.";

constexpr char kFooter[] = R"(
Exit codes: 0 PASS, 99 FAIL, 98 INCONCLUSIVE, 97 INVALID, 1 ERROR, a broken
suite or nothing ran, 130 CANCELLED, 2 wrong usage, 3 the daemon is not there
or was lost.)";

void AddGlobals(CLI::App& app, Context& context, std::string& output) {
  app.add_option("--address", context.address,
                 "Where the daemon serves: host:port or unix:/path")
      ->envname("PERFRIG_ADDRESS")
      ->capture_default_str();
  app.add_option("--output", output, "table for people, json for machines")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  app.add_flag("--no-color", context.no_color,
               "No colours (as with NO_COLOR in the environment)");
}

// What CLI11 found wrong; it names no unknown command by itself.
int Refuse(const CLI::App& app, const CLI::ParseError& error,
           Context& context) {
  const std::vector<std::string> unknown = app.remaining();
  if (unknown.empty() || error.get_name() != "RequiredError") {
    return app.exit(error, context.out, context.err) == 0 ? 0 : kExitUsage;
  }
  std::vector<std::string> commands;
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    commands.push_back(command->get_name());
  }
  context.err << "There is no command \"" << unknown.front() << '"'
              << DidYouMean(unknown.front(), commands)
              << "\nperfrig --help lists them.\n";
  return kExitUsage;
}

}  // namespace

int RunApp(std::vector<std::string> arguments, Context& context) {
  CLI::App app(kAbout, "perfrig");
  app.footer(kFooter);
  app.set_version_flag("--version", "perfrig " PERFRIG_VERSION);
  app.fallthrough();
  app.require_subcommand(1);
  std::string output = "table";
  AddGlobals(app, context, output);
  for (const auto add : {AddList, AddShow, AddNew, AddCheck, AddRun, AddCall,
                         AddWatch, AddCancel, AddRuns, AddResult, AddTarget,
                         AddCalibrate, AddStatus, AddCompletion}) {
    add(app, context);
  }
  // CLI11 takes them last to first.
  std::reverse(arguments.begin(), arguments.end());
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return Refuse(app, error, context);
  }
  if (const absl::Status checked = CheckAddress(context.address);
      !checked.ok()) {
    context.err << "--address (or PERFRIG_ADDRESS) " << checked.message()
                << "\n";
    return kExitUsage;
  }
  context.json = output == "json";
  if (context.no_color) context.terminal.style.color = false;
  return context.chosen();
}

}  // namespace perfrig
