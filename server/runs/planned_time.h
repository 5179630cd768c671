// How long a test may take.
#ifndef PERFRIG_SERVER_RUNS_PLANNED_TIME_H_
#define PERFRIG_SERVER_RUNS_PLANNED_TIME_H_

#include <cstdint>

#include "common/time/clock.h"
#include "perfrig/v1/suite.pb.h"

namespace perfrig::runs {

// At least 1.
std::uint32_t Rounds(const v1::Test& test);

// How long calls in flight may still finish.
Nanos Grace(const v1::Test& test);

// Longest a test may take, as it says or by default.
Nanos TimeLimit(const v1::Test& test);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_PLANNED_TIME_H_
