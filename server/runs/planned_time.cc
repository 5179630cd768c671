#include "server/runs/planned_time.h"

#include <algorithm>

#include "google/protobuf/util/time_util.h"
#include "server/load/generator.h"
#include "server/suites/groups.h"

namespace perfrig::runs {
namespace {

using google::protobuf::util::TimeUtil;

constexpr Nanos kDefaultGrace = 30 * kSecond;
constexpr Nanos kShortestTimeLimit = 60 * kSecond;

// Sessions last until their last message is planned.
Nanos SessionTime(const suites::GroupView& group) {
  const v1::Call& call = (*group.calls)[0];
  const std::int64_t messages =
      std::int64_t{std::max(1, call.data_size())} *
      std::max<std::uint32_t>(1, call.messages().count());
  return messages * TimeUtil::DurationToNanoseconds(call.messages().every());
}

}  // namespace

std::uint32_t Rounds(const v1::Test& test) {
  return std::max<std::uint32_t>(1, test.rounds());
}

Nanos Grace(const v1::Test& test) {
  return test.has_grace() ? TimeUtil::DurationToNanoseconds(test.grace())
                          : kDefaultGrace;
}

Nanos Warmup(const v1::Test& test) {
  return test.warmup_auto() ? kLongestWarmup
                            : TimeUtil::DurationToNanoseconds(test.warmup());
}

Nanos PlannedRound(const v1::Test& test) {
  Nanos longest = 0;
  for (const suites::GroupView& group : suites::GroupsOf(test)) {
    longest = std::max(longest, group.load->sessions() > 0
                                    ? SessionTime(group)
                                    : load::PlannedTime(*group.load));
  }
  return longest == kNever ? kNever : longest + Warmup(test);
}

Nanos TimeLimit(const v1::Test& test) {
  if (test.has_time_limit()) {
    return TimeUtil::DurationToNanoseconds(test.time_limit());
  }
  const Nanos planned = PlannedRound(test);
  if (planned == kNever) {
    return kShortestTimeLimit + Warmup(test) * Rounds(test);
  }
  return std::max(kShortestTimeLimit, (planned + Grace(test)) * Rounds(test));
}

}  // namespace perfrig::runs
