#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/set_from_file.h"
#include "client/flags/behavior_flags.h"
#include "client/views/target_text.h"

namespace perfrig {
namespace {

struct Options {
  std::string target;
  BehaviorFlagValues behavior;
  std::string file;
};

int List(const Context& context) {
  const auto session = OpenSession(context, /*local=*/false);
  DaemonClient& client = (*session)->client();
  return PrintResponse(
      context, client,
      client.Call(client.targets(), &v1::Targets::Stub::ListTargets,
                  v1::ListTargetsRequest()),
      [&](const v1::ListTargetsResponse& list) {
        return RenderTargetList(list, context.terminal.style,
                                context.terminal.columns);
      });
}

// Sends `request` about the target of `options` and shows what it became.
template <typename Request>
int Change(const Context& context, const Options& options, Request request,
           grpc::Status (v1::Targets::Stub::*method)(grpc::ClientContext*,
                                                     const Request&,
                                                     v1::Target*)) {
  const auto session = OpenSession(context, /*local=*/false);
  DaemonClient& client = (*session)->client();
  request.set_name(Qualified("targets", options.target));
  return PrintResponse(context, client,
                       client.Call(client.targets(), method, request),
                       [&](const v1::Target& target) {
                         return RenderTarget(target, context.terminal.style);
                       });
}

// What it became is one target; where all were reset, their list.
int Reset(const Context& context, const Options& options) {
  if (options.target != "-") {
    return Change(context, options, v1::ResetTargetRequest(),
                  &v1::Targets::Stub::ResetTarget);
  }
  const auto session = OpenSession(context, /*local=*/false);
  DaemonClient& client = (*session)->client();
  v1::ResetTargetRequest request;
  request.set_name("targets/-");
  const auto target =
      client.Call(client.targets(), &v1::Targets::Stub::ResetTarget, request);
  if (!target.ok()) return Fail(context, client.Explain(target.status()));
  return List(context);
}

int Set(const Context& context, const Options& options) {
  if (!options.file.empty()) {
    if (options.behavior != BehaviorFlagValues()) {
      return FailUsage(context,
                       absl::InvalidArgumentError(
                           "--file: must be the only flag that sets behavior"));
    }
    return SetFromFile(context, options.target, options.file);
  }
  if (options.target.empty()) {
    return FailUsage(context, absl::InvalidArgumentError(
                                  "target is required, or --file with the "
                                  "behavior of several"));
  }
  const auto request = ParseBehavior(options.target, options.behavior);
  if (!request.ok()) return FailUsage(context, request.status());
  if (request->update_mask().paths().empty()) {
    return FailUsage(context,
                     absl::InvalidArgumentError(
                         "nothing to set; see `perfrig target set --help`"));
  }
  return Change(context, options, *request, &v1::Targets::Stub::UpdateBehavior);
}

int Watch(const Context& context, const Options& options) {
  const auto session = OpenSession(context, /*local=*/false);
  DaemonClient& client = (*session)->client();
  v1::WatchTargetRequest request;
  request.set_name(Qualified("targets", options.target));
  grpc::ClientContext call;
  const auto reader = client.targets().WatchTarget(&call, request);
  v1::Target before;
  v1::Target now;
  for (bool first = true; reader->Read(&now); first = false) {
    if (context.json) {
      PrintJson(context.out, now);
    } else if (!first) {
      context.out << TargetTick(before, now, context.terminal.style) << "\n";
    }
    context.out << std::flush;
    before.Swap(&now);
  }
  const absl::Status status = FromGrpc(reader->Finish());
  return status.ok() ? 0 : Fail(context, client.Explain(status));
}

void AddBehaviorFlags(CLI::App& command, BehaviorFlagValues& flags) {
  command.add_option("--delay", flags.delay,
                     "20ms, uniform:MIN,MAX, normal:MEAN,STDDEV, "
                     "lognormal:MEDIAN,SIGMA, exponential:MEAN, "
                     "pareto:SCALE,ALPHA, quantiles:0=1ms,0.5=20ms,1=2s, "
                     "mixture:9*20ms+1*exponential:1s");
  AddRepeated(command, "--fault", flags.faults,
              "UNAVAILABLE:1%, hang:0.1%, drop:1%, slow:5%,2s; may be "
              "repeated");
  command.add_option("--capacity", flags.capacity,
                     "Calls worked on at once; 0: no limit");
  command.add_option("--queue-limit", flags.queue_limit,
                     "Calls that may wait for capacity");
  command.add_option("--bytes-per-second", flags.bytes_per_second,
                     "Payload each way, such as 10MB; 0: no limit");
  command.add_option("--load-factor", flags.load_factor,
                     "Growth of the delay for each other call in work");
  command.add_option("--stall", flags.stall,
                     "TIME/EVERY, such as 1s/6s: stands still 1 s in 6");
  command.add_option("--outage", flags.outage,
                     "TIME[@AFTER][,STATUS]: fails every call for so long");
  command.add_option("--seed", flags.seed, "Start of the random numbers");
  AddRepeated(command, "--set", flags.options,
              "OPTION=VALUE that only this target has, such as sessions=100 of "
              "gateway; may be repeated");
}

// One subcommand of `target` that is about one target.
CLI::App* AddOne(CLI::App& parent, Context& context, const char* name,
                 const char* help, const std::shared_ptr<Options>& options,
                 int (*run)(const Context&, const Options&)) {
  CLI::App* command = parent.add_subcommand(name, help);
  command->add_option("target", options->target, "Its name, such as database")
      ->required();
  command->callback([&context, options, run] {
    context.chosen = [&context, options, run] {
      return run(context, *options);
    };
  });
  return command;
}

}  // namespace

void AddTarget(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* target = app.add_subcommand("target", "The daemon's mock targets");
  target->require_subcommand(1);
  CLI::App* list = target->add_subcommand("list", "All of them");
  list->callback(
      [&context] { context.chosen = [&context] { return List(context); }; });
  AddOne(*target, context, "show", "Behavior and statistics", options,
         [](const Context& c, const Options& o) {
           return Change(c, o, v1::GetTargetRequest(),
                         &v1::Targets::Stub::GetTarget);
         });
  CLI::App* set =
      AddOne(*target, context, "set",
             "Change its behavior; 'default' takes a value back", options, Set);
  set->get_option("target")->required(false);
  AddBehaviorFlags(*set, options->behavior);
  set->add_option("--file", options->file,
                  "YAML file of its behavior, - for standard input; without a "
                  "target, of several, each under its name");
  AddOne(*target, context, "reset",
         "Back to the configured behavior, state emptied; - for all", options,
         Reset);
  AddOne(*target, context, "watch", "A line a second, until Ctrl-C", options,
         Watch);
}

}  // namespace perfrig
