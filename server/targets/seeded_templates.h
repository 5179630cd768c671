// Templates that are there without anybody having put them.
#ifndef PERFRIG_SERVER_TARGETS_SEEDED_TEMPLATES_H_
#define PERFRIG_SERVER_TARGETS_SEEDED_TEMPLATES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace perfrig::targets {

inline constexpr std::string_view kTemplatesPrefix = "templates/";

// The object of that key: one with loops and conditionals for
// "templates/complex…", else a simple one; nothing for keys without the prefix.
std::optional<std::string> SeededTemplate(std::string_view key,
                                          std::uint64_t seed);

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_SEEDED_TEMPLATES_H_
