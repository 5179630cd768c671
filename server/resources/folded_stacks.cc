#include "server/resources/folded_stacks.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace perfrig::resources {
namespace {

constexpr std::size_t kLongestName = 120;

std::string Joined(const std::vector<std::string>& frames) {
  std::string line;
  for (const std::string& frame : frames) {
    if (!line.empty()) line += ';';
    line += frame;
  }
  return line;
}

// Without what stands between `open` and `close`, these included.
std::string Without(std::string_view text, char open, char close) {
  std::string kept;
  int depth = 0;
  for (const char c : text) {
    if (c == open) {
      ++depth;
    } else if (c == close && depth > 0) {
      --depth;
    } else if (depth == 0) {
      kept += c;
    }
  }
  return kept;
}

void Replace(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

}  // namespace

std::vector<std::string> Fold(const StackCounts& stacks, std::size_t most_lines,
                              std::size_t most_bytes) {
  std::vector<std::pair<std::uint64_t, std::string>> lines;
  lines.reserve(stacks.size());
  for (const auto& [frames, count] : stacks) {
    lines.emplace_back(count, Joined(frames));
  }
  std::stable_sort(
      lines.begin(), lines.end(),
      [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> folded;
  std::size_t bytes = 0;
  std::uint64_t rest = 0;
  for (const auto& [count, frames] : lines) {
    std::string line = frames + " " + std::to_string(count);
    // One is left for those that do not fit.
    const bool last = folded.size() + 1 == lines.size();
    if (rest > 0 || bytes + line.size() > most_bytes ||
        (folded.size() + 1 >= most_lines && !last)) {
      rest += count;
      continue;
    }
    bytes += line.size();
    folded.push_back(std::move(line));
  }
  if (rest > 0) folded.push_back("other " + std::to_string(rest));
  return folded;
}

std::vector<std::string> FoldAgain(const std::vector<std::string>& lines) {
  StackCounts stacks;
  for (const std::string& line : lines) {
    // The frames stay together.
    const std::size_t space = line.rfind(' ');
    if (space == std::string::npos) continue;
    stacks[{line.substr(0, space)}] +=
        std::strtoull(line.c_str() + space, nullptr, 10);
  }
  return Fold(stacks);
}

std::string ShortFunction(std::string_view demangled) {
  std::string name(demangled);
  // These brackets are no list of arguments.
  Replace(name, "(anonymous namespace)", "{anonymous}");
  Replace(name, "operator()", "operator{}");
  Replace(name, "operator<<", "operator{shl}");
  Replace(name, "operator->", "operator{arrow}");
  name = Without(Without(name, '<', '>'), '(', ')');
  Replace(name, "operator{}", "operator()");
  Replace(name, "operator{shl}", "operator<<");
  Replace(name, "operator{arrow}", "operator->");
  Replace(name, " const", "");
  std::replace(name.begin(), name.end(), ';', ':');
  if (name.size() > kLongestName) name.resize(kLongestName);
  return name;
}

}  // namespace perfrig::resources
