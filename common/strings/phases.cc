#include "common/strings/phases.h"

#include <algorithm>
#include <charconv>

namespace perfrig {
namespace {

// More phases than any target has; bounds what a stranger's trailer can take.
constexpr std::size_t kMaxPhases = 32;

struct Phase {
  std::string_view name;
  Nanos time = 0;
};

// Takes parts off the text up to one that is right; nothing at its end.
std::optional<Phase> TakePhase(std::string_view& text) {
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    Phase phase{part.substr(0, equals)};
    const char* const end = part.data() + part.size();
    const auto [stop, error] =
        std::from_chars(part.data() + equals + 1, end, phase.time);
    if (error == std::errc() && stop == end && phase.time >= 0) return phase;
  }
  return std::nullopt;
}

}  // namespace

std::map<std::string, Nanos> ParsePhases(std::string_view text) {
  std::map<std::string, Nanos> phases;
  while (phases.size() < kMaxPhases) {
    const std::optional<Phase> phase = TakePhase(text);
    if (!phase) break;
    phases[std::string(phase->name)] = phase->time;
  }
  return phases;
}

std::optional<Nanos> FindPhase(std::string_view text, std::string_view name) {
  std::optional<Nanos> found;
  for (std::size_t i = 0; i < kMaxPhases; ++i) {
    const std::optional<Phase> phase = TakePhase(text);
    if (!phase) break;
    if (phase->name == name) found = phase->time;
  }
  return found;
}

}  // namespace perfrig
