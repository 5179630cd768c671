#include "server/runs/load_trend.h"

#include <algorithm>
#include <cmath>

namespace perfrig::runs {
namespace {

constexpr double kStepsPerDoubling = 4;
// Below this a mean says little.
constexpr std::uint64_t kFewest = 10;
constexpr double kRise = 2;

}  // namespace

void LoadTrend::Add(double level, const Histogram& latency) {
  if (level <= 0 || latency.count() == 0) return;
  const int step =
      static_cast<int>(std::floor(kStepsPerDoubling * std::log2(level) + 0.5));
  Times& times = times_[step];
  times.level = std::max(times.level, level);
  times.count += latency.count();
  times.sum += latency.sum();
}

std::optional<LoadTrend::Knee> LoadTrend::FindKnee() const {
  const Times* lowest = nullptr;
  std::optional<Knee> knee;
  for (const auto& [step, times] : times_) {
    if (times.count < kFewest) continue;
    const double mean = times.sum / static_cast<double>(times.count);
    if (lowest == nullptr) lowest = &times;
    const double first = lowest->sum / static_cast<double>(lowest->count);
    if (mean <= kRise * first) {
      // What rose before was no knee: it came down again.
      knee.reset();
      continue;
    }
    if (!knee) knee = Knee{.level = times.level, .lowest = first};
    knee->highest = mean;
  }
  const bool rises = knee && times_.rbegin()->second.level >= 2 * lowest->level;
  return rises ? knee : std::nullopt;
}

}  // namespace perfrig::runs
