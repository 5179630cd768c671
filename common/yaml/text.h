// What can be told of a YAML text without parsing it.
#ifndef PERFRIG_COMMON_YAML_TEXT_H_
#define PERFRIG_COMMON_YAML_TEXT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/yaml/tree.h"

namespace perfrig::yaml {

// Without the byte order mark that may stand before it.
std::string_view WithoutMark(std::string_view text);
// Line `line` (1-based) without its end; "" beyond the last one.
std::string_view LineOf(std::string_view text, int line);
// Place of the byte at `offset`.
Place PlaceOf(std::string_view text, std::size_t offset);

// A text that no parser should see: too long, not UTF-8, control characters.
std::optional<Error> CheckText(std::string_view text);

// A syntax error in words that help: tabs, `{{` without quotes.
Error ExplainSyntaxError(std::string_view text, Place place,
                         const std::string& message);
// Of the quoted text that begins at `offset`.
bool IsQuoteClosed(std::string_view text, std::size_t offset);

}  // namespace perfrig::yaml

#endif  // PERFRIG_COMMON_YAML_TEXT_H_
