#include "server/load/steadiness.h"

#include <algorithm>
#include <utility>

namespace perfrig::load {
namespace {

constexpr double kMostApart = 1.05;

// Seconds without a call are not alike: nothing is known of them.
template <typename Values>
bool AreAlike(const Values& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return *least > 0 && *most <= *least * kMostApart;
}

}  // namespace

bool Steadiness::Add(const Second& second) {
  const Nanos length =
      second.elapsed - std::exchange(last_end_, second.elapsed);
  if (length <= 0) return false;
  const std::size_t place = seconds_++ % kAlike;
  medians_[place] = static_cast<double>(second.tally.latency.Quantile(0.5));
  // One that is told late may stand for two.
  throughputs_[place] =
      static_cast<double>(second.tally.ok) / static_cast<double>(length);
  return seconds_ >= kAlike && AreAlike(medians_) && AreAlike(throughputs_);
}

}  // namespace perfrig::load
