#include "server/config.h"

#include <yaml-cpp/yaml.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/strings/nearest.h"

namespace perfrig {
namespace {

const Option* FindOption(std::string_view name) {
  for (const Option& option : Options()) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

std::vector<std::string> OptionNames() {
  std::vector<std::string> names;
  for (const Option& option : Options()) names.push_back(option.name);
  return names;
}

std::string Place(const std::string& file, const YAML::Mark& mark) {
  return absl::StrCat(file, ":", mark.line + 1, ":", mark.column + 1);
}

std::vector<std::string> SplitList(const std::string& text) {
  std::vector<std::string> parts;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const absl::string_view value = absl::StripAsciiWhitespace(part);
    if (!value.empty()) parts.emplace_back(value);
  }
  return parts;
}

// Values of one key; a problem where its shape is wrong.
absl::StatusOr<std::vector<std::string>> ReadValues(const Option& option,
                                                    const YAML::Node& node) {
  if (node.IsScalar()) {
    const std::string& text = node.Scalar();
    if (option.kind == Option::Kind::kList) return SplitList(text);
    return std::vector<std::string>{text};
  }
  if (option.kind != Option::Kind::kList) {
    return absl::InvalidArgumentError("must be one value");
  }
  std::vector<std::string> values;
  for (const YAML::Node& each : node) {
    if (!node.IsSequence() || !each.IsScalar()) {
      return absl::InvalidArgumentError("must be a list of values");
    }
    values.push_back(each.Scalar());
  }
  return values;
}

absl::StatusOr<Given> ReadMap(const YAML::Node& root, const std::string& file) {
  Given given;
  if (root.IsNull()) return given;
  if (!root.IsMap()) {
    return absl::InvalidArgumentError(
        absl::StrCat(Place(file, root.Mark()), ": must be keys with values"));
  }
  std::vector<std::string> problems;
  for (const auto& entry : root) {
    const std::string place = Place(file, entry.first.Mark());
    const std::string key =
        entry.first.IsScalar() ? entry.first.Scalar() : std::string("?");
    const Option* option = FindOption(key);
    if (option == nullptr) {
      problems.push_back(absl::StrCat(place, ": unknown key \"", key, "\"",
                                      DidYouMean(key, OptionNames())));
      continue;
    }
    if (given.contains(key)) {
      problems.push_back(absl::StrCat(place, ": \"", key, "\" stands twice"));
      continue;
    }
    auto values = ReadValues(*option, entry.second);
    if (values.ok()) {
      given[key] = {*std::move(values),
                    absl::StrCat(Place(file, entry.second.Mark()), ": ", key)};
    } else {
      problems.push_back(
          absl::StrCat(place, ": ", key, " ", values.status().message()));
    }
  }
  if (problems.empty()) return given;
  // With them all that is wrong with the values, so that it is told at once.
  const absl::Status values = MakeConfig({given}).status();
  if (!values.ok()) problems.emplace_back(values.message());
  return absl::InvalidArgumentError(absl::StrJoin(problems, "\n"));
}

const GivenValue* Strongest(const std::vector<Given>& sources,
                            const std::string& name) {
  for (const Given& source : sources) {
    const auto found = source.find(name);
    if (found != source.end()) return &found->second;
  }
  return nullptr;
}

}  // namespace

std::string EnvironmentName(std::string_view option) {
  const std::string upper = absl::AsciiStrToUpper(std::string(option));
  return absl::StrCat("PERFRIG_", absl::StrReplaceAll(upper, {{"-", "_"}}));
}

absl::StatusOr<Given> ReadConfigText(std::string_view text,
                                     const std::string& file) {
  // yaml-cpp reports errors by exceptions; they end here.
  try {
    return ReadMap(YAML::Load(std::string(text)), file);
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(Place(file, error.mark), ": ", error.msg));
  }
}

absl::StatusOr<Given> ReadConfigFile(const std::string& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  if (!stream || !(text << stream.rdbuf())) {
    return absl::InvalidArgumentError(
        absl::StrCat("--config: cannot read \"", file, "\""));
  }
  return ReadConfigText(text.str(), file);
}

Given ReadEnvironment(
    const std::function<const char*(const char* name)>& variable) {
  Given given;
  for (const Option& option : Options()) {
    const std::string name = EnvironmentName(option.name);
    const char* value = variable(name.c_str());
    if (value == nullptr || *value == '\0') continue;
    given[option.name] = {option.kind == Option::Kind::kList
                              ? SplitList(value)
                              : std::vector<std::string>{value},
                          name};
  }
  return given;
}

absl::StatusOr<Config> MakeConfig(const std::vector<Given>& sources) {
  Config config;
  std::vector<std::string> problems;
  for (const Option& option : Options()) {
    const GivenValue* given = Strongest(sources, option.name);
    if (given == nullptr) continue;
    if (option.clear) option.clear(config);
    for (const std::string& value : given->values) {
      const absl::Status status = option.set(config, value);
      if (status.ok()) continue;
      problems.push_back(absl::StrCat(given->place, " ", status.message()));
    }
  }
  if (problems.empty()) return config;
  return absl::InvalidArgumentError(absl::StrJoin(problems, "\n"));
}

}  // namespace perfrig
