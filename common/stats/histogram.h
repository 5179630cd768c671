// Counts times, so that any quantile can be told within 0.1 %.
//
//   Histogram latency;
//   latency.Record(1'234'567);
//   latency.Quantile(0.99);
//
// Log-linear buckets (HDR): below 2,048 ns one a nanosecond, above 1,024 for
// each power of two, up to 1 h. Merging of counts is exact. Memory grows with
// the largest value seen, 270 KB at most.
#ifndef PERFRIG_COMMON_STATS_HISTOGRAM_H_
#define PERFRIG_COMMON_STATS_HISTOGRAM_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/time/clock.h"
#include "perfrig/v1/figures.pb.h"

namespace perfrig {

class Histogram {
 public:
  static constexpr Nanos kLargest = 3600 * kSecond;

  // Negative values count as 0; values above an hour stand in the last bucket
  // and are counted as out of range. No lock, no atomic; memory is allocated
  // only for values larger than any before, and survives Clear.
  void Record(Nanos value, std::uint64_t times = 1) {
    if (value < 0) value = 0;
    sum_ += static_cast<double>(value) * static_cast<double>(times);
    sum_of_squares_ += static_cast<double>(value) * static_cast<double>(value) *
                       static_cast<double>(times);
    if (value < min_) min_ = value;
    if (value > max_) max_ = value;
    if (value > kLargest) {
      out_of_range_ += times;
      value = kLargest;
    }
    const std::size_t index = IndexOf(value);
    if (index >= counts_.size()) [[unlikely]] {
      Grow(index);
    }
    if (index < first_) first_ = index;
    if (index > last_) last_ = index;
    counts_[index] += times;
    count_ += times;
  }

  void Merge(const Histogram& other);
  void Clear();

  std::uint64_t count() const { return count_; }
  // Exact; 0 where nothing was recorded.
  Nanos min() const { return count_ == 0 ? 0 : min_; }
  Nanos max() const { return count_ == 0 ? 0 : max_; }
  // Exact up to 2^53 ns, 104 days.
  double sum() const { return sum_; }
  double Mean() const;
  // n − 1 in the denominator; 0 below two samples.
  double StandardDeviation() const;
  std::uint64_t out_of_range() const { return out_of_range_; }

  // Nearest rank: the smallest value with at least `quantile` × n samples at
  // or below it, to the middle of its bucket, within [min, max]. `above` more
  // samples are taken to rank above every recorded one; kNever if the rank
  // falls among them. 0 where there are no samples at all.
  Nanos Quantile(double quantile, std::uint64_t above = 0) const;
  // How many samples are at most `value`, to the precision of a bucket.
  std::uint64_t CountAtMost(Nanos value) const;

  v1::Histogram ToProto() const;
  // Buckets that do not exist and lists of unequal length are left out, so
  // that bytes from outside do no harm.
  static Histogram FromProto(const v1::Histogram& proto);

  // Number of the bucket of a value in [0, kLargest]; middle of a bucket.
  static constexpr std::size_t IndexOf(Nanos value) {
    const auto bits = static_cast<std::uint64_t>(value);
    if (bits < kLinear) return bits;
    const int shift = std::bit_width(bits) - kLinearBits;
    return static_cast<std::size_t>(shift) * kHalf + (bits >> shift);
  }
  static Nanos ValueAt(std::size_t index);

 private:
  static constexpr int kLinearBits = 11;
  static constexpr std::uint64_t kLinear = 1 << kLinearBits;
  static constexpr std::size_t kHalf = kLinear / 2;

  // Makes room for the bucket and some more.
  void Grow(std::size_t index);

  // Buckets beyond its end are 0.
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  // Buckets that may be other than 0: [first_, last_].
  std::size_t first_ = SIZE_MAX;
  std::size_t last_ = 0;
  Nanos min_ = kNever;
  Nanos max_ = 0;
  double sum_ = 0;
  double sum_of_squares_ = 0;
  std::uint64_t out_of_range_ = 0;
};

// All figures of a distribution; with the buckets if `with_histogram`. `above`
// more samples rank above all in the quantiles.
v1::Distribution ToDistribution(const Histogram& histogram, bool with_histogram,
                                std::uint64_t above = 0);

}  // namespace perfrig

#endif  // PERFRIG_COMMON_STATS_HISTOGRAM_H_
