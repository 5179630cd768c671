#include "common/stats/interval.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace perfrig {
namespace {

constexpr std::size_t kFewest = 3;

// The 97.5 % quantile of Student's distribution.
double StudentT(std::size_t degrees) {
  constexpr std::size_t kFirst = kFewest - 1;
  constexpr std::array<double, 8> kTable = {4.3027, 3.1824, 2.7764, 2.5706,
                                            2.4469, 2.3646, 2.3060, 2.2622};
  if (degrees < kFirst + kTable.size()) return kTable[degrees - kFirst];
  // From the normal quantile, by powers of 1 / n (Abramowitz and Stegun
  // 26.7.5); right to three decimals from here on.
  const auto n = static_cast<double>(degrees);
  return 1.95996 + (2.37227 + (2.82250 + 2.55585 / n) / n) / n;
}

}  // namespace

std::optional<Interval> MeanInterval95(const std::vector<double>& values) {
  if (values.size() < kFewest ||
      !std::all_of(values.begin(), values.end(),
                   [](double value) { return std::isfinite(value); })) {
    return std::nullopt;
  }
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  const double squares = std::accumulate(
      values.begin(), values.end(), 0.0, [mean](double sum, double value) {
        return sum + (value - mean) * (value - mean);
      });
  const double half =
      StudentT(values.size() - 1) * std::sqrt(squares / (n - 1) / n);
  const double least = *std::min_element(values.begin(), values.end());
  const double low = mean - half;
  return Interval{least < 0 ? low : std::max(0.0, low), mean + half};
}

}  // namespace perfrig
