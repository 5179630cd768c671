#include <cstdint>
#include <random>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/follow.h"
#include "client/commands/load_flags.h"
#include "client/daemon/suite_file.h"
#include "client/flags/values.h"
#include "client/views/plan_text.h"
#include "client/views/report.h"
#include "client/views/verdict.h"
#include "common/status/macros.h"

namespace perfrig {
namespace {

struct Options {
  std::vector<std::string> suites;
  std::vector<std::string> tests;
  std::vector<std::string> tags;
  std::vector<std::string> settings;
  std::vector<std::string> labels;
  std::vector<std::string> targets;
  std::uint32_t rounds = 0;
  std::string idempotency_key;
  LoadFlags load;
  int slowest_tests = 0;
  // "true" where only the flag was given.
  std::string shuffle;
  bool dry_run = false;
  bool reset_targets = false;
  bool detach = false;
  bool local = false;
};

// A setting that no file asks for is a mistake; suites of the daemon may ask
// for more than is known here.
absl::Status CheckSettings(const std::map<std::string, std::string>& settings,
                           const v1::StartRunRequest& request) {
  if (!request.suites().empty()) return absl::OkStatus();
  for (const auto& [name, value] : settings) {
    bool used = false;
    for (const auto& source : request.sources()) {
      used = used || source.variables().count(name) > 0;
    }
    if (used) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("--set ", name, ": no ${", name, "} in ",
                     request.sources(0).file_name(),
                     request.sources_size() > 1 ? " or the other files" : ""));
  }
  return absl::OkStatus();
}

absl::Status AddSuites(const Options& options, v1::StartRunRequest& request) {
  ASSIGN_OR_RETURN(const auto settings,
                   ParseAssignments("--set", options.settings));
  for (const std::string& suite : options.suites) {
    if (!MeansFile(suite)) {
      request.add_suites(suite);
      continue;
    }
    ASSIGN_OR_RETURN(*request.add_sources(), ReadSuite(suite, settings));
  }
  request.mutable_variables()->insert(settings.begin(), settings.end());
  return CheckSettings(settings, request);
}

// As given, or drawn; never 0, which means the order of the files.
absl::StatusOr<std::uint64_t> SeedOf(const std::string& shuffle) {
  if (shuffle == "true") return std::random_device()() + std::uint64_t{1};
  std::uint64_t seed = 0;
  if (!absl::SimpleAtoi(shuffle, &seed) || seed == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--shuffle must be a whole number from 1, got \"", shuffle, "\""));
  }
  return seed;
}

absl::StatusOr<v1::StartRunRequest> MakeRequest(const Options& options) {
  v1::StartRunRequest request;
  RETURN_IF_ERROR(AddSuites(options, request));
  for (const auto& test : options.tests) request.add_tests(test);
  for (const auto& tag : options.tags) request.add_tags(tag);
  for (const auto& target : options.targets) {
    if (const absl::Status checked = CheckTarget(target); !checked.ok()) {
      return Named("--target", checked);
    }
    request.add_targets(target);
  }
  ASSIGN_OR_RETURN(const auto labels,
                   ParseAssignments("--label", options.labels));
  request.mutable_labels()->insert(labels.begin(), labels.end());
  ASSIGN_OR_RETURN(v1::Load load, ParseLoad(options.load));
  if (load.ByteSizeLong() > 0) *request.mutable_load() = std::move(load);
  request.set_rounds(options.rounds);
  request.set_idempotency_key(options.idempotency_key);
  request.set_reset_targets(options.reset_targets);
  if (!options.shuffle.empty()) {
    ASSIGN_OR_RETURN(const std::uint64_t seed, SeedOf(options.shuffle));
    request.set_shuffle_seed(seed);
  }
  return request;
}

int Detach(const Context& context, Session& session,
           const v1::StartRunRequest& request) {
  DaemonClient& client = session.client();
  const auto run =
      client.Call(client.runs(), &v1::Runs::Stub::StartRun, request);
  return PrintResponse(context, client, run, [](const v1::Run& started) {
    return started.name() + "\n";
  });
}

int Plan(const Context& context, Session& session,
         const v1::StartRunRequest& request) {
  DaemonClient& client = session.client();
  const auto plan =
      client.Call(client.runs(), &v1::Runs::Stub::PlanRun, request);
  return PrintResponse(context, client, plan, [&](const v1::Run& run) {
    return RenderPlan(run, context.terminal.style, context.terminal.columns);
  });
}

int Run(const Context& context, const Options& options) {
  const auto request = MakeRequest(options);
  if (!request.ok()) return FailUsage(context, request.status());
  if (request->shuffle_seed() != 0) {
    // Whoever looks for what went wrong in this order needs it again.
    context.err << "Tests in random order; the same again with --shuffle="
                << request->shuffle_seed() << "\n"
                << std::flush;
  }
  if (options.detach) {
    const auto session = OpenSession(context, /*local=*/false);
    return Detach(context, **session, *request);
  }
  if (options.dry_run) {
    const auto session =
        OpenSession(context, options.local, AllowFlags(options.targets));
    if (!session.ok()) return FailStart(context, session.status());
    return Plan(context, **session, *request);
  }
  Signals signals = context.catch_signals();
  const auto session =
      OpenSession(context, options.local, AllowFlags(options.targets));
  if (!session.ok()) return FailStart(context, session.status());
  FollowOptions follow;
  follow.slowest_tests = options.slowest_tests;
  return RunAndFollow(context, **session, signals, *request, follow);
}

void AddSelection(CLI::App& command, Options& options) {
  command
      .add_option("suite", options.suites,
                  "Names or patterns of the daemon's suites (quote * and ?), "
                  "or YAML files")
      ->required();
  AddRepeated(command, "--test", options.tests,
              "Only tests with names like this; may be repeated");
  AddRepeated(command, "--tag", options.tags,
              "Only tests with this tag; '!TAG': without it");
  AddRepeated(command, "--set", options.settings,
              "KEY=VALUE for ${KEY} in the suites");
  AddRepeated(command, "--target", options.targets,
              "Aim there instead: self, host:port, dns:///name:port");
}

}  // namespace

void AddRun(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "run", "Run suites, show them live, report, exit by the verdict");
  AddSelection(*command, *options);
  AddLoadFlags(*command, options->load);
  command
      ->add_option("--rounds", options->rounds,
                   "Measure this often instead of what the tests say")
      ->check(CLI::Range(1U, 1000U));
  AddRepeated(*command, "--label", options->labels,
              "KEY=VALUE kept with the run; may be repeated");
  command
      ->add_option("--durations", options->slowest_tests,
                   "List the N tests that took longest")
      ->check(CLI::Range(0, 1000));
  command->add_option("--idempotency-key", options->idempotency_key,
                      "The same key again gives the same run");
  command->add_flag("--reset-targets", options->reset_targets,
                    "Reset mock targets that somebody changed by hand");
  command->add_flag("--shuffle", options->shuffle,
                    "Tests of all suites in random order; --shuffle=SEED: in "
                    "the same again");
  command->add_flag("--dry-run", options->dry_run,
                    "Only say what would run, and for how long");
  auto* detach =
      command->add_flag("--detach", options->detach,
                        "Print the run's name and leave; see `perfrig watch`");
  command
      ->add_flag("--local", options->local,
                 "Start a daemon for this run and end it after")
      ->excludes(detach);
  command->callback([&context, options] {
    context.chosen = [&context, options] { return Run(context, *options); };
  });
}

}  // namespace perfrig
