#include "server/targets/behavior/limits.h"

#include <algorithm>
#include <cmath>

namespace perfrig::targets {
namespace {

// What sums of fractions may miss: less than a nanosecond's worth at any rate
// that a clock of nanoseconds can follow.
constexpr double kRounding = 1e-9;

}  // namespace

Nanos RateLimits::Take(std::string_view key, const Rate& rate, double units,
                       Nanos now) {
  if (units > rate.burst) return kNever;
  Bucket& bucket = keys_.Of(key);
  if (bucket.units < 0) {
    bucket = {rate.burst, now};
  }
  const double passed = static_cast<double>(now - bucket.at) / kSecond;
  bucket.units = std::min(rate.burst, bucket.units + passed * rate.per_second);
  bucket.at = now;
  const double missing = units - bucket.units;
  if (missing > kRounding) {
    const double wait = std::ceil(missing / rate.per_second * kSecond);
    return wait < 0x1p62 ? static_cast<Nanos>(std::max(wait, 1.0)) : kNever;
  }
  bucket.units = std::max(0.0, bucket.units - units);
  return 0;
}

WindowBudgets::Window& WindowBudgets::Current(std::string_view key,
                                              const Budget& budget, Nanos now) {
  Window& window = keys_.Of(key);
  const Nanos began = now - now % budget.window;
  if (window.began != began) {
    window = {began, 0};
  }
  return window;
}

Nanos WindowBudgets::Take(std::string_view key, const Budget& budget,
                          std::uint64_t units, Nanos now) {
  if (units > budget.units) return kNever;
  Window& window = Current(key, budget, now);
  if (window.used > budget.units - units) {
    return window.began + budget.window - now;
  }
  window.used += units;
  return 0;
}

std::uint64_t WindowBudgets::Left(std::string_view key, const Budget& budget,
                                  Nanos now) {
  const std::uint64_t used = Current(key, budget, now).used;
  return used < budget.units ? budget.units - used : 0;
}

}  // namespace perfrig::targets
