// How long what a suite says takes, as far as it is planned. Pure.
#ifndef PERFRIG_COMMON_SUITES_PLANNED_TIME_H_
#define PERFRIG_COMMON_SUITES_PLANNED_TIME_H_

#include <cstdint>

#include "common/time/clock.h"
#include "perfrig/v1/suite.pb.h"

namespace perfrig {

// Of one round without warm-up and grace, of a search one try; kNever if it
// ends by count alone. How long sessions last their calls tell.
[[nodiscard]] Nanos PlannedTime(const v1::Load& load);

// Width of a search's last interval as a share of the rate, its default
// included.
[[nodiscard]] double PrecisionOf(const v1::Search& search);

// What a search found is lowered and tried again where it is not confirmed.
inline constexpr std::uint32_t kMostConfirmations = 3;

// The most tries that a search can take: doubling, halving, confirming.
[[nodiscard]] std::uint32_t MostTries(const v1::Search& search);

// Of a warm-up that ends when the load is steady.
inline constexpr Nanos kLongestWarmup = 30 * kSecond;

// The longest that it may take.
[[nodiscard]] Nanos Warmup(const v1::Test& test);

// One round or try with its warm-up: that of the longest group; kNever if one
// ends by count alone.
[[nodiscard]] Nanos PlannedRound(const v1::Test& test);

// How often a test measures: its rounds, of a search the most tries.
[[nodiscard]] std::uint32_t TimesMeasured(const v1::Test& test);

// All rounds or tries of a test with their warm-up; kNever if they end by
// count alone.
[[nodiscard]] Nanos PlannedTime(const v1::Test& test);

// The same, with 3 s assumed for each round that ends by count.
[[nodiscard]] Nanos ExpectedTime(const v1::Test& test);

}  // namespace perfrig

#endif  // PERFRIG_COMMON_SUITES_PLANNED_TIME_H_
