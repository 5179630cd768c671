// A mock target's behavior in the words of `perfrig target set`.
#ifndef PERFRIG_CLIENT_VIEWS_BEHAVIOR_TEXT_H_
#define PERFRIG_CLIENT_VIEWS_BEHAVIOR_TEXT_H_

#include <string>
#include <utility>
#include <vector>

#include "perfrig/v1/behavior.pb.h"

namespace perfrig {

// "lognormal:20ms,0.5"; "none" where no distribution is set.
[[nodiscard]] std::string DelayText(const v1::Delay& delay);
// "UNAVAILABLE:1%", "slow:5%,2s".
[[nodiscard]] std::string FaultText(const v1::Fault& fault);
// Flag (without dashes) and value of every field that is set.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> BehaviorFlags(
    const v1::Behavior& behavior);
// Name and value of every option of one target that is set.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> BehaviorOptions(
    const v1::Behavior& behavior);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_VIEWS_BEHAVIOR_TEXT_H_
