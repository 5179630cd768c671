#include "server/runs/planned_time.h"

#include <algorithm>

#include "common/suites/planned_time.h"
#include "google/protobuf/util/time_util.h"

namespace perfrig::runs {
namespace {

using google::protobuf::util::TimeUtil;

constexpr Nanos kDefaultGrace = 30 * kSecond;
constexpr Nanos kShortestTimeLimit = 60 * kSecond;

}  // namespace

std::uint32_t Rounds(const v1::Test& test) {
  return std::max<std::uint32_t>(1, test.rounds());
}

Nanos Grace(const v1::Test& test) {
  return test.has_grace() ? TimeUtil::DurationToNanoseconds(test.grace())
                          : kDefaultGrace;
}

Nanos TimeLimit(const v1::Test& test) {
  if (test.has_time_limit()) {
    return TimeUtil::DurationToNanoseconds(test.time_limit());
  }
  const Nanos planned = PlannedRound(test);
  if (planned == kNever) {
    return kShortestTimeLimit + Warmup(test) * Rounds(test);
  }
  return std::max(kShortestTimeLimit,
                  (planned + Grace(test)) * TimesMeasured(test));
}

}  // namespace perfrig::runs
