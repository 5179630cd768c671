#include "common/strings/nearest.h"

#include <algorithm>
#include <cstddef>

namespace perfrig {
namespace {

// Names are short; longer texts are no misspelt names.
constexpr std::size_t kLongest = 256;

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) {
    if (letter >= 'A' && letter <= 'Z') letter += 'a' - 'A';
  }
  return lower;
}

// Letters to insert, remove, replace or swap with their neighbour.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
  }
  return row.back();
}

}  // namespace

std::string Nearest(std::string_view name,
                    const std::vector<std::string>& candidates) {
  if (name.empty() || name.size() > kLongest) return "";
  const std::string wanted = Lower(name);
  std::string nearest;
  std::size_t fewest = kLongest;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > kLongest) continue;
    const std::size_t longer = std::max(candidate.size(), wanted.size());
    const std::size_t shorter = std::min(candidate.size(), wanted.size());
    const std::size_t limit = std::max<std::size_t>(longer / 3, 1);
    if (longer - shorter > limit) continue;
    const std::size_t distance = Distance(wanted, Lower(candidate));
    if (distance > limit || distance >= fewest || distance >= longer) continue;
    fewest = distance;
    nearest = candidate;
  }
  return nearest;
}

std::string DidYouMean(std::string_view name,
                       const std::vector<std::string>& candidates) {
  const std::string nearest = Nearest(name, candidates);
  return nearest.empty() ? "" : " (did you mean " + nearest + "?)";
}

}  // namespace perfrig
