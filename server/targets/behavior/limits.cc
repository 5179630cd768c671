#include "server/targets/behavior/limits.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <tuple>

namespace perfrig::targets {
namespace {

// What sums of fractions may miss: less than a nanosecond's worth at any rate
// that a clock of nanoseconds can follow.
constexpr double kRounding = 1e-9;

}  // namespace

Levels Least(Levels levels, std::size_t most) {
  const auto end = levels.begin() +
                   static_cast<std::ptrdiff_t>(std::min(most, levels.size()));
  std::partial_sort(
      levels.begin(), end, levels.end(), [](const auto& a, const auto& b) {
        return std::tie(a.second, a.first) < std::tie(b.second, b.first);
      });
  levels.erase(end, levels.end());
  return levels;
}

double RateLimits::Bucket::UnitsAt(Nanos now, const Rate& rate) const {
  const double passed = static_cast<double>(now - at) / kSecond;
  return std::min(rate.burst, units + passed * rate.per_second);
}

Nanos RateLimits::Take(std::string_view key, const Rate& rate, double units,
                       Nanos now) {
  if (units > rate.burst) return kNever;
  Bucket& bucket = keys_.Of(key);
  bucket.units = bucket.units < 0 ? rate.burst : bucket.UnitsAt(now, rate);
  bucket.at = now;
  const double missing = units - bucket.units;
  if (missing > kRounding) {
    const double wait = std::ceil(missing / rate.per_second * kSecond);
    return wait < 0x1p62 ? static_cast<Nanos>(std::max(wait, 1.0)) : kNever;
  }
  bucket.units = std::max(0.0, bucket.units - units);
  return 0;
}

Levels RateLimits::Left(const Rate& rate, Nanos now) const {
  Levels levels;
  keys_.ForEach([&](const std::string& key, const Bucket& bucket) {
    levels.emplace_back(key, bucket.UnitsAt(now, rate));
  });
  return levels;
}

std::uint64_t WindowBudgets::Window::LeftAt(Nanos now,
                                            const Budget& budget) const {
  if (now >= began + budget.window) return budget.units;
  return used < budget.units ? budget.units - used : 0;
}

Nanos WindowBudgets::Take(std::string_view key, const Budget& budget,
                          std::uint64_t units, Nanos now) {
  if (units > budget.units) return kNever;
  Window& window = keys_.Of(key);
  if (window.LeftAt(now, budget) < units) {
    return window.began + budget.window - now;
  }
  if (now >= window.began + budget.window) window = {now, 0};
  window.used += units;
  return 0;
}

std::uint64_t WindowBudgets::Left(std::string_view key, const Budget& budget,
                                  Nanos now) {
  return keys_.Of(key).LeftAt(now, budget);
}

Levels WindowBudgets::Left(const Budget& budget, Nanos now) const {
  Levels levels;
  keys_.ForEach([&](const std::string& key, const Window& window) {
    levels.emplace_back(key, static_cast<double>(window.LeftAt(now, budget)));
  });
  return levels;
}

}  // namespace perfrig::targets
