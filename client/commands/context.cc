#include "client/commands/context.h"

#include <google/protobuf/util/json_util.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/terminal/text.h"
#include "client/views/verdict.h"
#include "common/status/macros.h"
#include "common/yaml/problem_log.h"

namespace perfrig {

Session::Session(std::string address, const Clock& clock)
    : client_(std::move(address), clock) {}

Session::Session(std::unique_ptr<LocalDaemon> daemon, const Clock& clock)
    : daemon_(std::move(daemon)), client_(daemon_->control_address(), clock) {}

absl::StatusOr<std::unique_ptr<Session>> OpenSession(
    const Context& context, bool local, const std::vector<std::string>& flags) {
  if (!local) return std::make_unique<Session>(context.address, context.clock);
  ASSIGN_OR_RETURN(const std::string program, FindDaemon());
  ASSIGN_OR_RETURN(auto daemon,
                   LocalDaemon::Start(program, flags, absl::Seconds(20)));
  return std::make_unique<Session>(std::move(daemon), context.clock);
}

std::vector<std::string> AllowFlags(const std::vector<std::string>& targets) {
  std::vector<std::string> flags;
  for (const std::string& target : targets) {
    if (target == "self" || target == "spawn") continue;
    if (absl::StartsWith(target, "unix:")) continue;
    const std::string host(absl::StripPrefix(target, "dns:///"));
    flags.insert(flags.end(), {"--allow-target", host});
  }
  if (flags.empty()) return flags;
  // Naming one takes the place of the default.
  for (const char* rule : {"self", "spawn", "loopback"}) {
    flags.insert(flags.end(), {"--allow-target", rule});
  }
  return flags;
}

int Fail(const Context& context, const Failure& failure) {
  context.err << failure.text << "\n";
  return failure.exit_code;
}

int FailUsage(const Context& context, const absl::Status& status) {
  const int code = absl::IsFailedPrecondition(status) ? kExitError : kExitUsage;
  return Fail(context, {code, std::string(status.message())});
}

int FailStart(const Context& context, const absl::Status& status) {
  return Fail(context, {kExitNoDaemon, std::string(status.message())});
}

void PrintJson(std::ostream& out, const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status =
      google::protobuf::util::MessageToJsonString(message, &json, options);
  out << (status.ok() ? json : absl::StrCat("\"", status.ToString(), "\"\n"));
}

void PrintProblems(
    std::ostream& err,
    const google::protobuf::RepeatedPtrField<v1::Problem>& problems) {
  for (const v1::Problem& problem : problems) {
    err << Printable(yaml::ProblemText(problem)) << "\n";
  }
}

std::string Qualified(const char* collection, const std::string& name) {
  const std::string prefix = absl::StrCat(collection, "/");
  return absl::StartsWith(name, prefix) ? name : prefix + name;
}

}  // namespace perfrig
