#include "server/load/number_summary.h"

#include <algorithm>
#include <cmath>

namespace perfrig::load {
namespace {

// Width of a bucket: its middle is within 0.1 % of all its values.
const double kLogStep = std::log(1.002);
// Above the magnitude of every logarithm in steps, denormal numbers included.
constexpr std::int32_t kZeroLevel = 400'000;

std::int32_t KeyOf(double value) {
  if (value == 0) return 0;
  const auto level = static_cast<std::int32_t>(
      std::lround(std::log(std::abs(value)) / kLogStep));
  const std::int32_t key = level + kZeroLevel;
  return value > 0 ? key : -key;
}

double ValueOf(std::int32_t key) {
  if (key == 0) return 0;
  const double magnitude = std::exp((std::abs(key) - kZeroLevel) * kLogStep);
  return key > 0 ? magnitude : -magnitude;
}

}  // namespace

void NumberSummary::Add(std::int32_t key, std::uint64_t times) {
  const auto place = std::lower_bound(
      buckets_.begin(), buckets_.end(), key,
      [](const Bucket& bucket, std::int32_t k) { return bucket.first < k; });
  if (place != buckets_.end() && place->first == key) {
    place->second += times;
  } else {
    buckets_.insert(place, {key, times});
  }
}

void NumberSummary::Record(double value) {
  if (!std::isfinite(value)) return;
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = count_ == 0 ? value : std::max(max_, value);
  ++count_;
  sum_ += value;
  const double distance = value - mean_;
  mean_ += distance / static_cast<double>(count_);
  squares_ += distance * (value - mean_);
  Add(KeyOf(value), 1);
}

void NumberSummary::Merge(const NumberSummary& other) {
  if (other.count_ == 0) return;
  if (count_ == 0) {
    *this = other;
    return;
  }
  const auto mine = static_cast<double>(count_);
  const auto theirs = static_cast<double>(other.count_);
  const double distance = other.mean_ - mean_;
  squares_ +=
      other.squares_ + distance * distance * mine * theirs / (mine + theirs);
  mean_ += distance * theirs / (mine + theirs);
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  count_ += other.count_;
  sum_ += other.sum_;
  for (const auto& [key, times] : other.buckets_) Add(key, times);
}

void NumberSummary::Clear() {
  buckets_.clear();
  count_ = 0;
  sum_ = mean_ = squares_ = min_ = max_ = 0;
}

double NumberSummary::Mean() const {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

double NumberSummary::StandardDeviation() const {
  if (count_ < 2) return 0;
  return std::sqrt(squares_ / static_cast<double>(count_ - 1));
}

double NumberSummary::Quantile(double quantile) const {
  if (count_ == 0) return 0;
  // The subtraction keeps 0.95 × 20 at rank 19 in spite of rounding.
  const double exact = quantile * static_cast<double>(count_);
  const auto rank = std::clamp<std::uint64_t>(
      static_cast<std::uint64_t>(std::ceil(exact - 1e-12 * exact)), 1, count_);
  if (rank == 1) return min_;
  if (rank == count_) return max_;
  std::uint64_t seen = 0;
  for (const auto& [key, times] : buckets_) {
    seen += times;
    if (seen >= rank) return std::clamp(ValueOf(key), min_, max_);
  }
  return max_;
}

}  // namespace perfrig::load
