// How far a mean of few measurements can be trusted.
//
//   const auto interval = MeanInterval95({20.1, 20.4, 19.9});
#ifndef PERFRIG_COMMON_STATS_INTERVAL_H_
#define PERFRIG_COMMON_STATS_INTERVAL_H_

#include <optional>
#include <vector>

namespace perfrig {

struct Interval {
  double low = 0;
  double high = 0;
};

// The 95 % confidence interval of the mean of values that scatter about
// normally, independent of each other: mean ± t s / √n, with Student's t of
// n − 1 degrees of freedom and s with n − 1 in the denominator. It reaches
// below 0 only if a value does. Nothing below three values, or where one is
// not finite.
std::optional<Interval> MeanInterval95(const std::vector<double>& values);

}  // namespace perfrig

#endif  // PERFRIG_COMMON_STATS_INTERVAL_H_
