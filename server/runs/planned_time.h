// How long a test takes as it is planned.
#ifndef PERFRIG_SERVER_RUNS_PLANNED_TIME_H_
#define PERFRIG_SERVER_RUNS_PLANNED_TIME_H_

#include <cstdint>

#include "common/time/clock.h"
#include "perfrig/v1/suite.pb.h"

namespace perfrig::runs {

// Of a warm-up that ends when the load is steady.
inline constexpr Nanos kLongestWarmup = 30 * kSecond;

// At least 1.
std::uint32_t Rounds(const v1::Test& test);

// How long calls in flight may still finish.
Nanos Grace(const v1::Test& test);

// The longest that it may take.
Nanos Warmup(const v1::Test& test);

// One round with its warm-up: that of the longest group; kNever if one ends by
// count alone.
Nanos PlannedRound(const v1::Test& test);

// Longest a test may take, as it says or by default.
Nanos TimeLimit(const v1::Test& test);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_PLANNED_TIME_H_
