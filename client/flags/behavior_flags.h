// What `perfrig target set` takes, as a change of behavior.
#ifndef PERFRIG_CLIENT_FLAGS_BEHAVIOR_FLAGS_H_
#define PERFRIG_CLIENT_FLAGS_BEHAVIOR_FLAGS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "perfrig/v1/behavior.pb.h"
#include "perfrig/v1/target.pb.h"

namespace perfrig {

// "20ms", "fixed:20ms", "uniform:10ms,30ms", "normal:20ms,5ms",
// "lognormal:20ms,0.5", "exponential:20ms", "pareto:5ms,1.5",
// "quantiles:0=1ms,0.5=20ms,1=2s", "mixture:9*20ms+1*exponential:1s".
absl::StatusOr<v1::Delay> ParseDelay(std::string_view text);

// "UNAVAILABLE:1%", "hang:0.1%", "drop:1%", "slow:5%,2s".
absl::StatusOr<v1::Fault> ParseFault(std::string_view text);

// "1s/6s": for 1 s in every 6 s.
absl::StatusOr<v1::Stall> ParseStall(std::string_view text);

// "5s", "5s@10s" (10 s from now), "5s,INTERNAL", "5s@10s,INTERNAL".
absl::StatusOr<v1::Outage> ParseOutage(std::string_view text);

// Values as typed; an empty one was not given. "default" takes a field back
// to its default ("none" is the same word for faults, stall and outage).
struct BehaviorFlagValues {
  std::string delay = {};
  std::string capacity = {};
  std::string queue_limit = {};
  std::string bytes_per_second = {};
  std::string load_factor = {};
  std::vector<std::string> faults = {};
  std::string stall = {};
  std::string outage = {};
  std::string seed = {};
  // "replicas=2": options that only the target has.
  std::vector<std::string> options = {};

  bool operator==(const BehaviorFlagValues&) const = default;
};

// The request without its name; errors begin with the flag. Ranges are the
// daemon's to check.
absl::StatusOr<v1::UpdateBehaviorRequest> ParseBehavior(
    std::string_view target, const BehaviorFlagValues& flags);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_FLAGS_BEHAVIOR_FLAGS_H_
