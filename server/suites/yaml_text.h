// What can be told of a YAML text without parsing it.
#ifndef PERFRIG_SERVER_SUITES_YAML_TEXT_H_
#define PERFRIG_SERVER_SUITES_YAML_TEXT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "server/suites/yaml_tree.h"

namespace perfrig::suites {

// Line `line` (1-based) without its end; "" beyond the last one.
std::string_view LineOf(std::string_view text, int line);
// Place of the byte at `offset`.
YamlPlace PlaceOf(std::string_view text, std::size_t offset);

// A text that no parser should see: too long, not UTF-8, control characters.
std::optional<YamlError> CheckYamlText(std::string_view text);

// A syntax error in words that help: tabs, `{{` without quotes.
YamlError ExplainSyntaxError(std::string_view text, YamlPlace place,
                             const std::string& message);
// Of the quoted text that begins at `offset`.
bool IsQuoteClosed(std::string_view text, std::size_t offset);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_YAML_TEXT_H_
