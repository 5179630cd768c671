// Stacks as flame graph tools read them: "main;Serve;Answer 12".
#ifndef PERFRIG_SERVER_RESOURCES_FOLDED_STACKS_H_
#define PERFRIG_SERVER_RESOURCES_FOLDED_STACKS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace perfrig::resources {

// How often each stack was seen; a stack is its frames, outermost first.
using StackCounts = std::map<std::vector<std::string>, std::uint64_t>;

// How much of a profile is kept.
inline constexpr std::size_t kMostLines = 2'000;
inline constexpr std::size_t kMostBytes = 1'000'000;

// One line for each stack, most frequent first; of more than `most_lines`, or
// of more than `most_bytes` together, the rest as one line "other N", the last.
std::vector<std::string> Fold(const StackCounts& stacks,
                              std::size_t most_lines = kMostLines,
                              std::size_t most_bytes = kMostBytes);

// Folded stacks of several profiles as those of one.
std::vector<std::string> FoldAgain(const std::vector<std::string>& lines);

// A demangled C++ function without its parameters and template arguments, at
// most 120 bytes, and without what separates frames.
std::string ShortFunction(std::string_view demangled);

}  // namespace perfrig::resources

#endif  // PERFRIG_SERVER_RESOURCES_FOLDED_STACKS_H_
