// Patterns over names: `*` is any text, `?` one character.
#ifndef PERFRIG_COMMON_STRINGS_GLOB_H_
#define PERFRIG_COMMON_STRINGS_GLOB_H_

#include <string_view>

namespace perfrig {

// True if `pattern` covers the whole of `text`.
[[nodiscard]] bool MatchesGlob(std::string_view pattern, std::string_view text);

}  // namespace perfrig

#endif  // PERFRIG_COMMON_STRINGS_GLOB_H_
