// Sums up plain numbers (observed metrics), with quantiles over a bounded
// number of buckets.
#ifndef PERFRIG_SERVER_LOAD_NUMBER_SUMMARY_H_
#define PERFRIG_SERVER_LOAD_NUMBER_SUMMARY_H_

#include <cstdint>
#include <utility>
#include <vector>

namespace perfrig::load {

class NumberSummary {
 public:
  // Infinite values and NaN are left out.
  void Record(double value);
  void Merge(const NumberSummary& other);
  void Clear();

  std::uint64_t count() const { return count_; }
  double sum() const { return sum_; }
  // 0 where nothing was recorded.
  double Min() const { return min_; }
  double Max() const { return max_; }
  double Mean() const;
  // n − 1 in the denominator; 0 below two values.
  double StandardDeviation() const;
  // Nearest rank, to 0.1 % of the value; the ends are exact.
  double Quantile(double quantile) const;

 private:
  using Bucket = std::pair<std::int32_t, std::uint64_t>;

  void Add(std::int32_t key, std::uint64_t times);

  std::uint64_t count_ = 0;
  double sum_ = 0;
  // Running mean, and sum of the squared distances from it.
  double mean_ = 0;
  double squares_ = 0;
  double min_ = 0;
  double max_ = 0;
  // Counts by key, ascending; a key is the sign and the logarithm of the
  // magnitude, so that keys order like the values.
  std::vector<Bucket> buckets_;
};

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_NUMBER_SUMMARY_H_
