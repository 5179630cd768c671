#include "server/host_options.h"

#include <fstream>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/behavior/file.h"
#include "common/status/macros.h"
#include "common/yaml/problem_log.h"
#include "common/yaml/tree.h"

namespace perfrig {
namespace {

// One byte more than may be, where there is more.
absl::StatusOr<std::string> ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(yaml::kMostBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--behavior: cannot read \"", path, "\""));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

// By the targets' short names.
absl::StatusOr<std::map<std::string, v1::Behavior>> ReadDefaults(
    const std::string& path,
    const std::map<std::string, std::string>& variables) {
  BehaviorText text = {path, ""};
  ASSIGN_OR_RETURN(text.text, ReadText(path));
  text.variables.insert(variables.begin(), variables.end());
  BehaviorFile file = ReadBehaviors(text, targets::Host::Names());
  if (!file.problems.empty()) {
    std::vector<std::string> lines;
    for (const v1::Problem& problem : file.problems) {
      lines.push_back(yaml::ProblemText(problem));
    }
    return absl::InvalidArgumentError(absl::StrJoin(lines, "\n"));
  }
  std::map<std::string, v1::Behavior> defaults;
  for (v1::BehaviorChange& change : file.changes) {
    constexpr std::string_view kTargets = "targets/";
    defaults[change.target().substr(kTargets.size())] =
        std::move(*change.mutable_behavior());
  }
  return defaults;
}

}  // namespace

absl::StatusOr<targets::HostOptions> MakeHostOptions(
    const Config& config, const std::map<std::string, std::string>& variables) {
  targets::HostOptions options;
  options.allow_call_overrides = config.allow_call_overrides;
  options.redis = config.redis;
  options.postgresql = config.postgresql;
  options.s3 = config.s3;
  if (!config.behavior.empty()) {
    ASSIGN_OR_RETURN(options.defaults,
                     ReadDefaults(config.behavior, variables));
  }
  RETURN_IF_ERROR(targets::Host::Check(options));
  return options;
}

}  // namespace perfrig
