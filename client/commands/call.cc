#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/follow.h"
#include "client/commands/load_flags.h"
#include "client/daemon/suite_file.h"
#include "client/flags/values.h"
#include "common/status/macros.h"

namespace perfrig {
namespace {

constexpr std::size_t kDataLimit = 1'000'000;

struct Options {
  std::string target;
  std::string method;
  std::vector<std::string> data;
  std::vector<std::string> metadata;
  std::vector<std::string> expect;
  std::string deadline;
  std::string warmup;
  LoadFlags load;
  bool local = false;
};

// "-d @file" reads it, "-d @-" reads standard input.
absl::StatusOr<std::string> DataOf(const std::string& text) {
  if (text.empty() || text[0] != '@') return text;
  return ReadWholeFile(text.substr(1), kDataLimit);
}

absl::StatusOr<v1::Metadata> ParseMetadata(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("--metadata must be NAME:VALUE, got \"", text, "\""));
  }
  v1::Metadata metadata;
  metadata.set_name(absl::AsciiStrToLower(text.substr(0, colon)));
  metadata.set_value(
      std::string(absl::StripLeadingAsciiWhitespace(text.substr(colon + 1))));
  return metadata;
}

absl::StatusOr<v1::Call> MakeCall(const Options& options) {
  v1::Call call;
  call.set_method(options.method);
  for (const std::string& text : options.data) {
    ASSIGN_OR_RETURN(*call.add_data(), DataOf(text));
  }
  for (const std::string& text : options.metadata) {
    ASSIGN_OR_RETURN(*call.add_metadata(), ParseMetadata(text));
  }
  if (!options.deadline.empty()) {
    const auto deadline = ParseProtoDuration(options.deadline);
    if (!deadline.ok()) return Named("--deadline", deadline.status());
    *call.mutable_deadline() = *deadline;
  }
  return call;
}

// One user for 10 s, unless told otherwise.
absl::StatusOr<v1::Load> MakeLoad(const LoadFlags& flags) {
  ASSIGN_OR_RETURN(v1::Load load, ParseLoad(flags));
  if (load.users() == 0 && load.rate() == 0) load.set_users(1);
  if (load.iterations() == 0 && !load.has_duration()) {
    load.mutable_duration()->set_seconds(10);
  }
  return load;
}

absl::StatusOr<v1::StartRunRequest> MakeRequest(const Options& options) {
  if (const absl::Status checked = CheckTarget(options.target); !checked.ok()) {
    return Named("target", checked);
  }
  v1::StartRunRequest request;
  v1::Suite& suite = *request.add_inline_suites();
  suite.set_name("suites/call");
  suite.set_title(absl::StrCat(options.method, " at ", options.target));
  suite.add_targets(options.target);
  v1::Test& test = *suite.add_tests();
  test.set_name("call");
  ASSIGN_OR_RETURN(*test.add_calls(), MakeCall(options));
  ASSIGN_OR_RETURN(*test.mutable_load(), MakeLoad(options.load));
  if (!options.warmup.empty()) {
    const auto warmup = ParseProtoDuration(options.warmup);
    if (!warmup.ok()) return Named("--warmup", warmup.status());
    *test.mutable_warmup() = *warmup;
  }
  for (const std::string& expression : options.expect) {
    test.add_expect(expression);
  }
  return request;
}

int Call(const Context& context, const Options& options) {
  const auto request = MakeRequest(options);
  if (!request.ok()) return FailUsage(context, request.status());
  Signals signals = context.catch_signals();
  const auto session =
      OpenSession(context, options.local, AllowFlags({options.target}));
  if (!session.ok()) return FailStart(context, session.status());
  return RunAndFollow(context, **session, signals, *request, {});
}

}  // namespace

void AddCall(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "call",
      "Load one method of one service, no suite needed: by 1 user, and for "
      "10s, unless the flags say otherwise");
  command
      ->add_option("target", options->target,
                   "host:port, dns:///name:port, unix:/path, or self")
      ->required();
  command->add_option("method", options->method, "pkg.Service/Method")
      ->required();
  AddRepeated(*command, "-d,--data", options->data,
              "Request as JSON, @FILE or @-; repeat it for a stream");
  AddRepeated(*command, "--metadata", options->metadata,
              "NAME:VALUE to send; may be repeated");
  AddRepeated(*command, "--expect", options->expect,
              "A threshold, such as 'latency.p95 < 10ms'");
  command->add_option("--deadline", options->deadline,
                      "A call fails after this (default 20s)");
  command->add_option("--warmup", options->warmup,
                      "Load before the figures start");
  AddLoadFlags(*command, options->load);
  command->add_flag("--local", options->local,
                    "Start a daemon for this and end it after");
  command->callback([&context, options] {
    context.chosen = [&context, options] { return Call(context, *options); };
  });
}

}  // namespace perfrig
