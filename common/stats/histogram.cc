#include "common/stats/histogram.h"

#include <algorithm>
#include <cmath>

namespace perfrig {

namespace {

constexpr std::size_t kBuckets = Histogram::IndexOf(Histogram::kLargest) + 1;

}  // namespace

void Histogram::Grow(std::size_t index) {
  counts_.resize(std::min(kBuckets, std::max(index + 1, 2 * counts_.size())));
}

void Histogram::Merge(const Histogram& other) {
  if (other.count_ == 0) return;
  if (other.last_ >= counts_.size()) Grow(other.last_);
  for (std::size_t i = other.first_; i <= other.last_; ++i) {
    counts_[i] += other.counts_[i];
  }
  count_ += other.count_;
  first_ = std::min(first_, other.first_);
  last_ = std::max(last_, other.last_);
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
  sum_of_squares_ += other.sum_of_squares_;
  out_of_range_ += other.out_of_range_;
}

void Histogram::Clear() {
  if (count_ == 0) return;
  std::fill(counts_.begin() + static_cast<std::ptrdiff_t>(first_),
            counts_.begin() + static_cast<std::ptrdiff_t>(last_) + 1, 0);
  count_ = 0;
  first_ = SIZE_MAX;
  last_ = 0;
  min_ = kNever;
  max_ = 0;
  sum_ = 0;
  sum_of_squares_ = 0;
  out_of_range_ = 0;
}

double Histogram::Mean() const {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

double Histogram::StandardDeviation() const {
  if (count_ < 2) return 0;
  const auto n = static_cast<double>(count_);
  return std::sqrt(
      std::max(0.0, (sum_of_squares_ - sum_ * sum_ / n) / (n - 1)));
}

Nanos Histogram::ValueAt(std::size_t index) {
  if (index < kLinear) return static_cast<Nanos>(index);
  const auto shift = static_cast<int>(index / kHalf) - 1;
  const auto low =
      static_cast<Nanos>(index - static_cast<std::size_t>(shift) * kHalf)
      << shift;
  return low + (Nanos{1} << shift) / 2;
}

Nanos Histogram::Quantile(double quantile, std::uint64_t above) const {
  const std::uint64_t all = count_ + above;
  if (all == 0) return 0;
  // The subtraction keeps 0.95 × 20 at rank 19 in spite of rounding.
  const double exact = quantile * static_cast<double>(all);
  const auto rank = std::clamp<std::uint64_t>(
      static_cast<std::uint64_t>(std::ceil(exact - 1e-12 * exact)), 1, all);
  if (rank > count_) return kNever;
  if (rank == 1) return min_;
  if (rank == count_) return max_;
  std::uint64_t seen = 0;
  for (std::size_t i = first_; i <= last_; ++i) {
    seen += counts_[i];
    if (seen >= rank) return std::clamp(ValueAt(i), min_, max_);
  }
  return max_;
}

std::uint64_t Histogram::CountAtMost(Nanos value) const {
  if (count_ == 0 || value < 0) return 0;
  if (value >= max_) return count_;
  const std::size_t end = std::min(IndexOf(std::min(value, kLargest)), last_);
  std::uint64_t seen = 0;
  for (std::size_t i = first_; i <= end; ++i) seen += counts_[i];
  return seen;
}

v1::Histogram Histogram::ToProto() const {
  v1::Histogram proto;
  if (count_ == 0) return proto;
  std::size_t previous = 0;
  for (std::size_t i = first_; i <= last_; ++i) {
    if (counts_[i] == 0) continue;
    proto.add_index_delta(static_cast<std::uint32_t>(i - previous));
    proto.add_count(counts_[i]);
    previous = i;
  }
  proto.set_min_ns(static_cast<std::uint64_t>(min_));
  proto.set_max_ns(static_cast<std::uint64_t>(max_));
  proto.set_sum_ns(sum_);
  proto.set_sum_of_squares_ns2(sum_of_squares_);
  proto.set_out_of_range(out_of_range_);
  return proto;
}

Histogram Histogram::FromProto(const v1::Histogram& proto) {
  Histogram histogram;
  const int buckets = std::min(proto.index_delta_size(), proto.count_size());
  std::uint64_t index = 0;
  for (int i = 0; i < buckets; ++i) {
    index += proto.index_delta(i);
    if (index >= kBuckets) break;
    if (proto.count(i) == 0) continue;
    if (index >= histogram.counts_.size()) histogram.Grow(index);
    histogram.counts_[index] += proto.count(i);
    histogram.count_ += proto.count(i);
    histogram.first_ = std::min<std::size_t>(histogram.first_, index);
    histogram.last_ = index;
  }
  if (histogram.count_ == 0) return Histogram();
  histogram.min_ = static_cast<Nanos>(std::min<std::uint64_t>(
      proto.min_ns(), static_cast<std::uint64_t>(kNever)));
  histogram.max_ = static_cast<Nanos>(std::min<std::uint64_t>(
      proto.max_ns(), static_cast<std::uint64_t>(kNever)));
  histogram.max_ = std::max(histogram.max_, histogram.min_);
  histogram.sum_ = proto.sum_ns();
  histogram.sum_of_squares_ = proto.sum_of_squares_ns2();
  histogram.out_of_range_ = proto.out_of_range();
  return histogram;
}

v1::Distribution ToDistribution(const Histogram& histogram, bool with_histogram,
                                std::uint64_t above) {
  v1::Distribution proto;
  proto.set_count(histogram.count());
  if (histogram.count() == 0) return proto;
  proto.set_sum_ns(histogram.sum());
  proto.set_mean_ns(histogram.Mean());
  proto.set_stddev_ns(histogram.StandardDeviation());
  proto.set_min_ns(static_cast<std::uint64_t>(histogram.min()));
  proto.set_max_ns(static_cast<std::uint64_t>(histogram.max()));
  const auto quantile = [&](double q) {
    return static_cast<std::uint64_t>(histogram.Quantile(q, above));
  };
  proto.set_p50_ns(quantile(0.50));
  proto.set_p90_ns(quantile(0.90));
  proto.set_p95_ns(quantile(0.95));
  proto.set_p99_ns(quantile(0.99));
  proto.set_p999_ns(quantile(0.999));
  proto.set_p9999_ns(quantile(0.9999));
  if (with_histogram) *proto.mutable_histogram() = histogram.ToProto();
  return proto;
}

}  // namespace perfrig
