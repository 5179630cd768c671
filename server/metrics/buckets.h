// Counts of times in the buckets that Prometheus sees: two for each octave.
#ifndef PERFRIG_SERVER_METRICS_BUCKETS_H_
#define PERFRIG_SERVER_METRICS_BUCKETS_H_

#include <cstdint>
#include <vector>

#include "common/time/clock.h"
#include "perfrig/v1/figures.pb.h"

namespace perfrig::metrics {

// Upper bounds, ascending, from `least` on until one reaches `most`.
std::vector<Nanos> OctaveBounds(Nanos least, Nanos most);
// What callers wait for: 50 µs to 60 s.
const std::vector<Nanos>& LatencyBounds();
// What should be next to nothing: 1 µs to 1 s.
const std::vector<Nanos>& ErrorBounds();

class BucketCounts {
 public:
  // The bounds outlive this.
  explicit BucketCounts(const std::vector<Nanos>& bounds)
      : bounds_(&bounds), counts_(bounds.size() + 1) {}

  // Adds the buckets of a distribution; one without buckets adds nothing.
  void Add(const v1::Distribution& times);
  // `other` has the same bounds.
  void Add(const BucketCounts& other);
  // Each bucket becomes the larger of the two; so does the sum.
  void Raise(const BucketCounts& other);

  const std::vector<Nanos>& bounds() const { return *bounds_; }
  // Samples at most bounds()[i] and above the bound before; the last: above
  // all bounds.
  const std::vector<std::uint64_t>& counts() const { return counts_; }
  std::uint64_t count() const { return count_; }
  double sum_ns() const { return sum_ns_; }

 private:
  const std::vector<Nanos>* bounds_;
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  double sum_ns_ = 0;
};

}  // namespace perfrig::metrics

#endif  // PERFRIG_SERVER_METRICS_BUCKETS_H_
