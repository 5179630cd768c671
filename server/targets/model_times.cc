#include "server/targets/model_times.h"

#include <algorithm>
#include <cmath>

#include "server/targets/behavior/delay_sampler.h"

namespace perfrig::targets {
namespace {

// As the comments of ModelProfile say.
struct Profile {
  Nanos base;
  Nanos of_prompt_token;
  Nanos gap;
  double load_factor;
};
constexpr Profile k8b = {30 * kMillisecond, 100 * kMicrosecond,
                         10 * kMillisecond, 0.02};
constexpr Profile k70b = {150 * kMillisecond, 600 * kMicrosecond,
                          35 * kMillisecond, 0.05};

// As long as a delay may be at most, so that those of all tokens add up.
constexpr double kLongest = 3'600.0 * kSecond;

Nanos Loaded(Nanos time, double load_factor, std::uint64_t others) {
  const double loaded = static_cast<double>(time) *
                        (1 + load_factor * static_cast<double>(others));
  return std::llround(std::min(loaded, kLongest));
}

}  // namespace

ModelTimes::ModelTimes(const v1::Behavior& behavior) {
  const v1::OrchestratorOptions& options = behavior.orchestrator();
  model_ =
      options.profile() == v1::MODEL_8B || options.profile() == v1::MODEL_70B;
  if (model_) {
    const Profile& profile = options.profile() == v1::MODEL_8B ? k8b : k70b;
    base_ = profile.base;
    of_prompt_token_ = profile.of_prompt_token;
    gap_ = profile.gap;
    own_load_ = gap_load_ = profile.load_factor;
  }
  if (options.has_token_gap()) gap_ = ToNanos(options.token_gap());
  if (behavior.has_load_factor()) {
    own_load_ = 0;
    gap_load_ = behavior.load_factor();
  }
}

std::optional<Nanos> ModelTimes::FirstToken(std::uint64_t prompt_tokens,
                                            std::uint64_t others) const {
  if (!model_) return std::nullopt;
  return Loaded(base_ + static_cast<Nanos>(prompt_tokens) * of_prompt_token_,
                own_load_, others);
}

std::optional<Nanos> ModelTimes::Gap(std::uint64_t others) const {
  if (!gap_.has_value()) return std::nullopt;
  return Loaded(*gap_, gap_load_, others);
}

std::optional<Nanos> ModelTimes::Whole(std::uint64_t prompt_tokens,
                                       std::uint64_t tokens,
                                       std::uint64_t others) const {
  const std::optional<Nanos> first = FirstToken(prompt_tokens, others);
  if (!first.has_value()) return std::nullopt;
  const auto gaps = static_cast<Nanos>(tokens) - 1;
  return *first + gaps * Loaded(gap_.value_or(0), own_load_, others);
}

}  // namespace perfrig::targets
