#include "server/targets/behavior/compiled_behavior.h"

#include <algorithm>
#include <cmath>

#include "common/status/code_names.h"

namespace perfrig::targets {
namespace {

FaultRule Compile(const v1::Fault& fault) {
  FaultRule rule;
  switch (fault.kind_case()) {
    case v1::Fault::kStatus:
      rule.kind = FaultRule::Kind::kStatus;
      rule.code =
          ErrorCodeOf(fault.status()).value_or(absl::StatusCode::kUnavailable);
      break;
    case v1::Fault::kHang:
      if (fault.hang()) rule.kind = FaultRule::Kind::kHang;
      break;
    case v1::Fault::kSlow:
      rule.kind = FaultRule::Kind::kSlow;
      rule.slow = ToNanos(fault.slow());
      break;
    case v1::Fault::kDrop:
      if (fault.drop()) rule.kind = FaultRule::Kind::kDrop;
      break;
    case v1::Fault::KIND_NOT_SET:
      break;
  }
  return rule;
}

std::uint64_t CopiesOf(const v1::Behavior& behavior) {
  return behavior.database().has_replicas() ? behavior.database().replicas()
                                            : 1;
}

}  // namespace

std::optional<absl::StatusCode> ErrorCodeOf(std::string_view name) {
  const std::optional<int> code = StatusCode(name);
  if (!code.has_value() || *code == 0) return std::nullopt;
  return static_cast<absl::StatusCode>(*code);
}

CompiledBehavior::CompiledBehavior(const v1::Behavior& behavior, Nanos now)
    : capacity(behavior.capacity()),
      all_places(behavior.capacity() * CopiesOf(behavior)),
      queue_limit(behavior.has_queue_limit() ? behavior.queue_limit() : 1'000),
      bytes_per_second(behavior.bytes_per_second()),
      load_factor(behavior.load_factor()),
      stall_from(now),
      seed(behavior.has_seed() ? behavior.seed() : 1) {
  if (behavior.has_delay()) delay.emplace(behavior.delay());
  double sum = 0;
  for (const v1::Fault& fault : behavior.faults()) {
    faults.push_back(Compile(fault));
    faults.back().up_to = sum += fault.rate();
  }
  if (behavior.has_stall()) {
    stall_every = ToNanos(behavior.stall().every());
    stall_duration = ToNanos(behavior.stall().duration());
  }
  if (behavior.has_outage()) {
    outage_from = now + ToNanos(behavior.outage().after());
    outage_to = outage_from + ToNanos(behavior.outage().duration());
    outage_code = ErrorCodeOf(behavior.outage().status())
                      .value_or(absl::StatusCode::kUnavailable);
  }
}

CompiledBehavior CompiledBehavior::With(const CallOverride& override) const {
  CompiledBehavior result = *this;
  if (override.delay.has_value()) {
    result.delay = DelaySampler::Fixed(*override.delay);
    result.load_factor = 0;
  }
  if (override.fault.has_value()) result.faults = {*override.fault};
  return result;
}

const FaultRule* CompiledBehavior::FaultAt(double unit) const {
  for (const FaultRule& fault : faults) {
    if (unit < fault.up_to) return &fault;
  }
  return nullptr;
}

Nanos CompiledBehavior::AfterStall(Nanos due) const {
  if (stall_every <= 0 || due == kNever) return due;
  const Nanos since = (due - stall_from) % stall_every;
  if (due < stall_from || since < stall_every - stall_duration) return due;
  return due - since + stall_every;
}

Nanos CompiledBehavior::TransferTime(double bytes) const {
  if (bytes_per_second <= 0) return 0;
  constexpr double kLongest = 1'000 * 3600.0 * kSecond;
  return std::llround(std::min(bytes / bytes_per_second * kSecond, kLongest));
}

}  // namespace perfrig::targets
