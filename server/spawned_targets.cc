#include "server/spawned_targets.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/status/macros.h"
#include "server/environment.h"
#include "server/profile_requests.h"
#include "server/resources/folded_stacks.h"

namespace perfrig {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);

// A run's reason is one line.
std::string OneLine(std::string text) {
  absl::StripTrailingAsciiWhitespace(&text);
  return absl::StrReplaceAll(text, {{":\n", ": "}, {"\n", "; "}});
}

// What comes after the line that says that it went well.
absl::StatusOr<std::vector<std::string>> AskForProfile(
    ChildProcess& child, std::string_view request) {
  auto answer = child.Ask(request, kPatience);
  if (!answer.ok()) {
    return absl::UnavailableError(
        OneLine(absl::StrCat("a spawned process ", answer.status().message())));
  }
  if (answer->empty() || answer->front() != kProfileOk) {
    return absl::UnavailableError(absl::StrCat(
        "a spawned process: ", answer->empty() ? "" : answer->front()));
  }
  answer->erase(answer->begin());
  return answer;
}

}  // namespace

std::vector<std::string> EnvironmentOfSpawned(
    const Config& config, std::map<std::string, std::string> variables) {
  for (const Option& option : Options()) {
    variables.erase(EnvironmentName(option.name));
  }
  variables.erase("PERFRIG_CONFIG");
  const std::map<std::string, std::string> given = {
      {"behavior", config.behavior},
      {"redis", config.redis},
      {"postgresql", config.postgresql},
      {"s3", config.s3},
      {"allow-call-overrides", config.allow_call_overrides ? "true" : ""},
      {"log-level", config.log_level},
      {"log-format", config.log_format}};
  for (const auto& [option, value] : given) {
    if (!value.empty()) variables[EnvironmentName(option)] = value;
  }
  std::vector<std::string> entries;
  entries.reserve(variables.size());
  for (const auto& [name, value] : variables) {
    entries.push_back(absl::StrCat(name, "=", value));
  }
  return entries;
}

absl::StatusOr<std::unique_ptr<SpawnedTargets>> SpawnedTargets::Start(
    const Config& config, std::size_t count, const std::stop_token& stop) {
  const ChildProcess::Command command = {
      config.program,
      {"--targets-only", "--target-address", "127.0.0.1:0", "--ready-fd",
       std::to_string(ChildProcess::kReadyFd), "--exit-with-fd",
       std::to_string(ChildProcess::kExitFd), "--ask-fd",
       std::to_string(ChildProcess::kAskFd)},
      EnvironmentOfSpawned(config, Environment())};
  std::unique_ptr<SpawnedTargets> spawned(new SpawnedTargets());
  for (std::size_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(auto child, ChildProcess::Start(command));
    spawned->children_.push_back(std::move(child));
  }
  for (const auto& child : spawned->children_) {
    const auto line = child->WaitUntilReady(kPatience, stop);
    if (absl::IsCancelled(line.status())) return line.status();
    if (!line.ok()) {
      return absl::UnavailableError(
          OneLine(absl::StrCat("a spawned process ", line.status().message())));
    }
    spawned->addresses_.push_back(ReadyField(*line, "target"));
  }
  return spawned;
}

SpawnedTargets::~SpawnedTargets() {
  // All of them first, so that they end side by side.
  for (const auto& child : children_) child->AskToEnd();
}

std::vector<pid_t> SpawnedTargets::processes() const {
  std::vector<pid_t> ids;
  for (const auto& child : children_) ids.push_back(child->id());
  return ids;
}

absl::Status SpawnedTargets::BeginProfile() {
  for (const auto& child : children_) {
    RETURN_IF_ERROR(AskForProfile(*child, kBeginProfile).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> SpawnedTargets::EndProfile() {
  std::vector<std::string> stacks;
  for (const auto& child : children_) {
    ASSIGN_OR_RETURN(const std::vector<std::string> more,
                     AskForProfile(*child, kEndProfile));
    stacks.insert(stacks.end(), more.begin(), more.end());
  }
  return resources::FoldAgain(stacks);
}

absl::Status SpawnedTargets::Check() const {
  for (const auto& child : children_) {
    if (child->Runs()) continue;
    return absl::UnavailableError(
        OneLine(absl::StrCat("a spawned process ended during the test; its log "
                             "ends with:\n",
                             child->LogTail())));
  }
  return absl::OkStatus();
}

}  // namespace perfrig
