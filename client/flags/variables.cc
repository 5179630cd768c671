#include "client/flags/variables.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"

namespace perfrig {
namespace {

bool IsNameByte(char byte) {
  return absl::ascii_isalnum(static_cast<unsigned char>(byte)) || byte == '_';
}

// The name at the start of `text`; empty if a digit or something else stands
// there.
std::string_view NameAt(std::string_view text) {
  if (text.empty() ||
      absl::ascii_isdigit(static_cast<unsigned char>(text[0]))) {
    return {};
  }
  std::size_t length = 0;
  while (length < text.size() && IsNameByte(text[length])) ++length;
  return text.substr(0, length);
}

std::string_view SkipBlanks(std::string_view text) {
  while (!text.empty() && (text[0] == ' ' || text[0] == '\t')) {
    text.remove_prefix(1);
  }
  return text;
}

// NAME of "env NAME}}" and of "jwt RS256 key=NAME}}"; empty for others.
std::string_view TemplateVariable(std::string_view text) {
  const std::string_view inside = SkipBlanks(text.substr(0, text.find("}}")));
  const std::string_view rest =
      inside.substr(std::min<std::size_t>(3, inside.size()));
  const std::string_view arguments = SkipBlanks(rest);
  if (arguments.size() == rest.size()) return {};
  if (inside.substr(0, 3) == "env") return NameAt(arguments);
  if (inside.substr(0, 3) != "jwt") return {};
  constexpr std::string_view kKey = " key=";
  const std::size_t key = rest.find(kKey);
  if (key == std::string_view::npos) return {};
  return NameAt(rest.substr(key + kKey.size()));
}

}  // namespace

std::set<std::string> VariablesIn(std::string_view text) {
  std::set<std::string> names;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    std::string_view name;
    if (text[i] == '$' && text[i + 1] == '{') {
      name = NameAt(SkipBlanks(text.substr(i + 2)));
    } else if (text[i] == '{' && text[i + 1] == '{') {
      name = TemplateVariable(text.substr(i + 2));
    }
    if (!name.empty()) names.emplace(name);
  }
  return names;
}

std::map<std::string, std::string> ResolveVariables(
    std::string_view text, const std::map<std::string, std::string>& settings,
    const std::function<std::optional<std::string>(const std::string&)>&
        environment) {
  std::map<std::string, std::string> values;
  for (const std::string& name : VariablesIn(text)) {
    if (const auto setting = settings.find(name); setting != settings.end()) {
      values[name] = setting->second;
    } else if (const auto value = environment(name)) {
      values[name] = *value;
    }
  }
  return values;
}

}  // namespace perfrig
