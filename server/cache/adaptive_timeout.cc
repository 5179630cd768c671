#include "server/cache/adaptive_timeout.h"

#include <algorithm>
#include <iterator>

namespace perfrig::cache {

AdaptiveTimeout::AdaptiveTimeout(const AdaptiveTimeoutOptions& options)
    : options_(options), now_(options.ceiling) {}

void AdaptiveTimeout::Record(Nanos took) {
  if (!options_.follows) return;
  MutexLock lock(mutex_);
  if (last_.size() < options_.window) {
    last_.push_back(took);
  } else {
    last_[recorded_ % options_.window] = took;
  }
  if (++recorded_ % kEvery == 0) {
    now_.store(Compute(), std::memory_order_relaxed);
  }
}

Nanos AdaptiveTimeout::Compute() {
  sorted_ = last_;
  const auto rank = static_cast<std::ptrdiff_t>(
      options_.quantile * static_cast<double>(sorted_.size() - 1) + 0.5);
  const auto at = std::next(sorted_.begin(), rank);
  std::nth_element(sorted_.begin(), at, sorted_.end());
  const double timeout = options_.factor * static_cast<double>(*at);
  return static_cast<Nanos>(std::clamp(timeout,
                                       static_cast<double>(options_.floor),
                                       static_cast<double>(options_.ceiling)));
}

}  // namespace perfrig::cache
