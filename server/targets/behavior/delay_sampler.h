// Draws times from a v1.Delay.
#ifndef PERFRIG_SERVER_TARGETS_BEHAVIOR_DELAY_SAMPLER_H_
#define PERFRIG_SERVER_TARGETS_BEHAVIOR_DELAY_SAMPLER_H_

#include <utility>
#include <vector>

#include "common/time/clock.h"
#include "google/protobuf/duration.pb.h"
#include "perfrig/v1/behavior.pb.h"
#include "server/targets/behavior/random.h"

namespace perfrig::targets {

inline Nanos ToNanos(const google::protobuf::Duration& duration) {
  return duration.seconds() * kSecond + duration.nanos();
}

// A value; cheap to draw from, and the same for the same random numbers.
class DelaySampler {
 public:
  // No delay.
  DelaySampler() = default;
  // `delay` has passed CheckBehavior.
  explicit DelaySampler(const v1::Delay& delay);

  static DelaySampler Fixed(Nanos delay);

  // In [0, 1 h].
  Nanos Draw(Random& random) const;

 private:
  enum class Kind {
    kFixed,
    kUniform,
    kNormal,
    kLognormal,
    kExponential,
    kPareto,
    kQuantiles,
    kMixture
  };

  double DrawRaw(Random& random) const;
  double AtQuantile(double quantile) const;
  const DelaySampler& Part(double unit) const;

  Kind kind_ = Kind::kFixed;
  // Location and spread; what they are depends on the kind. Nanoseconds, but
  // for sigma and alpha.
  double a_ = 0;
  double b_ = 0;
  // Quantile and value, ascending.
  std::vector<std::pair<double, double>> points_;
  // Weights of parts, summed up to here and scaled to 1.
  std::vector<double> up_to_;
  std::vector<DelaySampler> parts_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_BEHAVIOR_DELAY_SAMPLER_H_
