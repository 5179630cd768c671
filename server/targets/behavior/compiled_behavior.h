// A v1.Behavior made ready for quick answers.
#ifndef PERFRIG_SERVER_TARGETS_BEHAVIOR_COMPILED_BEHAVIOR_H_
#define PERFRIG_SERVER_TARGETS_BEHAVIOR_COMPILED_BEHAVIOR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/time/clock.h"
#include "perfrig/v1/behavior.pb.h"
#include "server/targets/behavior/delay_sampler.h"
#include "server/targets/behavior/random.h"

namespace perfrig::targets {

// The code of a name such as "UNAVAILABLE"; nothing for "OK" and for what is
// no code.
std::optional<absl::StatusCode> ErrorCodeOf(std::string_view name);

struct FaultRule {
  enum class Kind { kNone, kStatus, kHang, kSlow, kDrop };

  Kind kind = Kind::kNone;
  // Sum of the rates up to this one.
  double up_to = 1;
  absl::StatusCode code = absl::StatusCode::kUnavailable;
  Nanos slow = 0;
};

// What one call asks for itself.
struct CallOverride {
  std::optional<Nanos> delay;
  std::optional<FaultRule> fault;
};

// Does not change once it is made; calls keep the one they arrived under.
struct CompiledBehavior {
  // `behavior` has passed CheckBehavior. Stalls and outages count from
  // `now`.
  CompiledBehavior(const v1::Behavior& behavior, Nanos now);

  // Nothing delays a call or lets it fail, if its target doesn't.
  [[nodiscard]] bool IsTransparent() const {
    return !delay.has_value() && capacity == 0 && bytes_per_second <= 0 &&
           faults.empty() && stall_every == 0 && outage_from == kNever;
  }
  // The same for a call that overrides some of it.
  [[nodiscard]] CompiledBehavior With(const CallOverride& override) const;

  // What happens to the call that drew `unit`, from (0, 1); null: nothing.
  [[nodiscard]] const FaultRule* FaultAt(double unit) const;
  [[nodiscard]] bool InOutage(Nanos now) const {
    return now >= outage_from && now < outage_to;
  }
  // `due`, or the end of the stall that it falls into. The target stands still
  // at the end of each period of `stall_every`.
  [[nodiscard]] Nanos AfterStall(Nanos due) const;
  // Time that so many bytes take.
  [[nodiscard]] Nanos TransferTime(double bytes) const;

  // Nothing where the target's own delays hold.
  std::optional<DelaySampler> delay;
  std::uint32_t capacity = 0;
  // Places in all: `capacity` of the primary, and as many of each replica.
  std::uint64_t all_places = 0;
  std::uint32_t queue_limit = 1'000;
  double bytes_per_second = 0;
  double load_factor = 0;
  std::vector<FaultRule> faults;
  Nanos stall_from = 0;
  Nanos stall_every = 0;
  Nanos stall_duration = 0;
  Nanos outage_from = kNever;
  Nanos outage_to = kNever;
  absl::StatusCode outage_code = absl::StatusCode::kUnavailable;
  std::uint64_t seed = 1;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_BEHAVIOR_COMPILED_BEHAVIOR_H_
