#include "server/targets/behavior/delay_sampler.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace perfrig::targets {
namespace {

constexpr double kLongest = 3600.0 * kSecond;

double Raw(const google::protobuf::Duration& duration) {
  return static_cast<double>(ToNanos(duration));
}

}  // namespace

DelaySampler::DelaySampler(const v1::Delay& delay) {
  switch (delay.distribution_case()) {
    case v1::Delay::kFixed:
      a_ = Raw(delay.fixed());
      break;
    case v1::Delay::kUniform:
      kind_ = Kind::kUniform;
      a_ = Raw(delay.uniform().min());
      b_ = Raw(delay.uniform().max());
      break;
    case v1::Delay::kNormal:
      kind_ = Kind::kNormal;
      a_ = Raw(delay.normal().mean());
      b_ = Raw(delay.normal().stddev());
      break;
    case v1::Delay::kLognormal:
      kind_ = Kind::kLognormal;
      a_ = Raw(delay.lognormal().median());
      b_ = delay.lognormal().sigma();
      break;
    case v1::Delay::kExponential:
      kind_ = Kind::kExponential;
      a_ = Raw(delay.exponential());
      break;
    case v1::Delay::kPareto:
      kind_ = Kind::kPareto;
      a_ = Raw(delay.pareto().scale());
      b_ = delay.pareto().alpha();
      break;
    case v1::Delay::kQuantiles:
      kind_ = Kind::kQuantiles;
      for (const auto& point : delay.quantiles().points()) {
        points_.emplace_back(point.quantile(), Raw(point.value()));
      }
      break;
    case v1::Delay::kMixture: {
      kind_ = Kind::kMixture;
      double sum = 0;
      for (const auto& part : delay.mixture().parts()) {
        up_to_.push_back(sum += part.weight());
        parts_.emplace_back(part.delay());
      }
      for (double& up_to : up_to_) up_to /= sum;
      break;
    }
    case v1::Delay::DISTRIBUTION_NOT_SET:
      break;
  }
}

DelaySampler DelaySampler::Fixed(Nanos delay) {
  DelaySampler sampler;
  sampler.a_ = static_cast<double>(delay);
  return sampler;
}

Nanos DelaySampler::Draw(Random& random) const {
  return std::llround(std::clamp(DrawRaw(random), 0.0, kLongest));
}

double DelaySampler::DrawRaw(Random& random) const {
  switch (kind_) {
    case Kind::kFixed:
      return a_;
    case Kind::kUniform:
      return a_ + (b_ - a_) * random.Unit();
    case Kind::kNormal:
      return a_ + b_ * random.Normal();
    case Kind::kLognormal:
      return a_ * std::exp(b_ * random.Normal());
    case Kind::kExponential:
      return -a_ * std::log(random.Unit());
    case Kind::kPareto:
      return a_ * std::pow(random.Unit(), -1 / b_);
    case Kind::kQuantiles:
      return AtQuantile(random.Unit());
    case Kind::kMixture:
      return parts_.empty() ? 0 : Part(random.Unit()).DrawRaw(random);
  }
  return 0;
}

double DelaySampler::AtQuantile(double quantile) const {
  if (points_.empty()) return 0;
  std::size_t above = 0;
  while (above < points_.size() && points_[above].first < quantile) ++above;
  if (above == 0) return points_.front().second;
  if (above == points_.size()) return points_.back().second;
  const auto& [q0, value0] = points_[above - 1];
  const auto& [q1, value1] = points_[above];
  return value0 + (value1 - value0) * (quantile - q0) / (q1 - q0);
}

const DelaySampler& DelaySampler::Part(double unit) const {
  std::size_t part = 0;
  while (part + 1 < parts_.size() && up_to_[part] < unit) ++part;
  return parts_[part];
}

}  // namespace perfrig::targets
