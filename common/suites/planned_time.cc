#include "common/suites/planned_time.h"

#include <algorithm>
#include <cmath>

namespace perfrig {
namespace {

constexpr Nanos kAssumedTime = 3 * kSecond;
constexpr double kDefaultPrecision = 0.05;

Nanos Length(const google::protobuf::Duration& duration) {
  return duration.seconds() * kSecond + duration.nanos();
}

// Sessions last until their last message is planned.
Nanos SessionTime(const v1::Call& call) {
  const std::int64_t messages =
      std::int64_t{std::max(1, call.data_size())} *
      std::max<std::uint32_t>(1, call.messages().count());
  return messages * Length(call.messages().every());
}

// Of a group, or of a test without groups.
template <typename Message>
Nanos LoadTime(const Message& message) {
  if (message.load().sessions() == 0) return PlannedTime(message.load());
  return message.calls().empty() ? 0 : SessionTime(message.calls(0));
}

// Of one round or try: that of the population that takes longest.
Nanos LongestLoad(const v1::Test& test) {
  if (test.groups().empty()) return LoadTime(test);
  Nanos longest = 0;
  for (const v1::Group& group : test.groups()) {
    longest = std::max(longest, LoadTime(group));
  }
  return longest;
}

}  // namespace

Nanos PlannedTime(const v1::Load& load) {
  if (load.burst() > 0 || load.sessions() > 0) return kNever;
  if (!load.stages().empty()) {
    Nanos length = 0;
    for (const v1::Stage& stage : load.stages()) {
      length += Length(stage.duration());
    }
    return length;
  }
  const Nanos length = load.has_duration() ? Length(load.duration()) : kNever;
  if (load.rate() <= 0 || load.iterations() == 0) return length;
  const double by_count = static_cast<double>(load.iterations()) / load.rate();
  return std::min(length, static_cast<Nanos>(std::ceil(by_count * 1e9)));
}

double PrecisionOf(const v1::Search& search) {
  return search.precision() > 0 ? search.precision() : kDefaultPrecision;
}

std::uint32_t MostTries(const v1::Search& search) {
  const double doublings = std::ceil(std::log2(search.to() / search.from()));
  const double halvings = std::ceil(std::log2(1 / PrecisionOf(search)));
  return 1 + static_cast<std::uint32_t>(std::max(0.0, doublings) + halvings) +
         kMostConfirmations;
}

std::uint32_t TimesMeasured(const v1::Test& test) {
  return test.load().has_search() ? MostTries(test.load().search())
                                  : std::max<std::uint32_t>(1, test.rounds());
}

Nanos Warmup(const v1::Test& test) {
  return test.warmup_auto() ? kLongestWarmup : Length(test.warmup());
}

Nanos PlannedRound(const v1::Test& test) {
  const Nanos load = LongestLoad(test);
  return load == kNever ? kNever : load + Warmup(test);
}

Nanos PlannedTime(const v1::Test& test) {
  const Nanos round = PlannedRound(test);
  return round == kNever ? kNever : round * TimesMeasured(test);
}

Nanos ExpectedTime(const v1::Test& test) {
  const Nanos round = PlannedRound(test);
  return (round == kNever ? kAssumedTime + Warmup(test) : round) *
         TimesMeasured(test);
}

}  // namespace perfrig
