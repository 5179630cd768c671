#include "server/command_line.h"

#include <CLI/CLI.hpp>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/backends/s3_options.h"
#include "server/version.h"

namespace perfrig {
namespace {

// Flags as given; one list for each option.
struct Flags {
  std::map<std::string, std::vector<std::string>> values;
  std::string config;
};

std::string HelpOf(const Option& option) {
  std::string text = option.help;
  if (!option.default_value.empty()) {
    absl::StrAppend(&text, " Default: ", option.default_value, ".");
  }
  return absl::StrCat(text, " [", EnvironmentName(option.name), "]");
}

void AddOption(CLI::App& app, const Option& option, Flags& flags) {
  const std::string name = absl::StrCat("--", option.name);
  auto& values = flags.values[option.name];
  if (option.kind == Option::Kind::kSwitch) {
    app.add_flag_callback(
        name, [&values] { values = {"true"}; }, HelpOf(option));
    return;
  }
  CLI::Option* added = app.add_option(name, values, HelpOf(option));
  added->type_name(option.value_name)
      ->expected(1)
      ->delimiter(option.kind == Option::Kind::kList ? ',' : '\0');
  // The last of several wins, except in lists.
  added->multi_option_policy(option.kind == Option::Kind::kList
                                 ? CLI::MultiOptionPolicy::TakeAll
                                 : CLI::MultiOptionPolicy::TakeLast);
}

Given ToGiven(const CLI::App& app, const Flags& flags) {
  Given given;
  for (const auto& [name, values] : flags.values) {
    const std::string flag = absl::StrCat("--", name);
    if (app.count(flag) > 0) given[name] = {values, flag};
  }
  return given;
}

// As AWS's own tools find them.
absl::Status FillInS3Keys(
    Config& config,
    const std::function<const char*(const char* name)>& variable) {
  if (config.s3.empty()) return absl::OkStatus();
  const auto value = [&](const char* name) {
    const char* const text = variable(name);
    return std::string(text == nullptr ? "" : text);
  };
  auto url = backends::WithS3Keys(config.s3, value("AWS_ACCESS_KEY_ID"),
                                  value("AWS_SECRET_ACCESS_KEY"));
  if (!url.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--s3 ", url.status().message()));
  }
  config.s3 = *std::move(url);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Command> ReadCommandLine(
    int argc, const char* const* argv,
    const std::function<const char*(const char* name)>& variable) {
  CLI::App app(
      "perfrigd hosts mock targets and runs performance suites on demand.\n"
      "Flags win over environment variables, those over the keys of the "
      "--config file, which have the flags' names.",
      "perfrigd");
  Flags flags;
  for (const Option& option : Options()) AddOption(app, option, flags);
  app.add_option("--config", flags.config, "A YAML file. [PERFRIG_CONFIG]")
      ->type_name("FILE");
  const std::string version = absl::StrCat("perfrigd ", kVersion, "\n");
  app.set_version_flag("--version", version);
  // CLI11 reports everything by exceptions; they end here.
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return Command{app.help(), {}};
  } catch (const CLI::CallForVersion&) {
    return Command{version, {}};
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(error.what(), "; perfrigd --help lists the flags"));
  }
  std::vector<Given> sources = {ToGiven(app, flags), ReadEnvironment(variable)};
  const char* named = variable("PERFRIG_CONFIG");
  if (flags.config.empty() && named != nullptr) flags.config = named;
  if (!flags.config.empty()) {
    absl::StatusOr<Given> file = ReadConfigFile(flags.config);
    if (!file.ok()) return file.status();
    sources.push_back(*std::move(file));
  }
  absl::StatusOr<Config> config = MakeConfig(sources);
  if (!config.ok()) return config.status();
  absl::Status keys = FillInS3Keys(*config, variable);
  if (!keys.ok()) return keys;
  return Command{std::nullopt, *std::move(config)};
}

}  // namespace perfrig
