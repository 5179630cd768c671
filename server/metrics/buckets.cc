#include "server/metrics/buckets.h"

#include <algorithm>
#include <cmath>

#include "common/stats/histogram.h"

namespace perfrig::metrics {

std::vector<Nanos> OctaveBounds(Nanos least, Nanos most) {
  std::vector<Nanos> bounds;
  for (int i = 0; bounds.empty() || bounds.back() < most; ++i) {
    bounds.push_back(
        std::llround(static_cast<double>(least) * std::exp2(i / 2.0)));
  }
  return bounds;
}

const std::vector<Nanos>& LatencyBounds() {
  static const std::vector<Nanos>& bounds =
      *new std::vector<Nanos>(OctaveBounds(50 * kMicrosecond, 60 * kSecond));
  return bounds;
}

const std::vector<Nanos>& ErrorBounds() {
  static const std::vector<Nanos>& bounds =
      *new std::vector<Nanos>(OctaveBounds(kMicrosecond, kSecond));
  return bounds;
}

void BucketCounts::Add(const v1::Distribution& times) {
  const v1::Histogram& histogram = times.histogram();
  const int entries =
      std::min(histogram.index_delta_size(), histogram.count_size());
  std::size_t index = 0;
  for (int i = 0; i < entries; ++i) {
    index += histogram.index_delta(i);
    if (index > Histogram::IndexOf(Histogram::kLargest)) break;
    const auto bound = std::lower_bound(bounds_->begin(), bounds_->end(),
                                        Histogram::ValueAt(index));
    counts_[static_cast<std::size_t>(bound - bounds_->begin())] +=
        histogram.count(i);
    count_ += histogram.count(i);
  }
  if (entries > 0) sum_ns_ += histogram.sum_ns();
}

void BucketCounts::Add(const BucketCounts& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    counts_[i] += other.counts_[i];
  }
  count_ += other.count_;
  sum_ns_ += other.sum_ns_;
}

void BucketCounts::Raise(const BucketCounts& other) {
  count_ = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    counts_[i] = std::max(counts_[i], other.counts_[i]);
    count_ += counts_[i];
  }
  sum_ns_ = std::max(sum_ns_, other.sum_ns_);
}

}  // namespace perfrig::metrics
