#include "server/local/tiers.h"

#include <random>
#include <utility>

#include "absl/strings/str_cat.h"

namespace perfrig::local {
namespace {

using cache::PendingPtr;
using cache::Value;

absl::Status Injected() { return absl::UnavailableError("an injected fault"); }

}  // namespace

void FaultyTier::Get(std::string key, Nanos deadline,
                     PendingPtr<absl::StatusOr<Value>> pending) {
  if (Fails()) {
    pending->Answer(Injected());
  } else {
    tier_.Get(std::move(key), deadline, std::move(pending));
  }
}

void FaultyTier::Put(std::string key, Value value, Nanos ttl, Nanos deadline,
                     PendingPtr<absl::Status> pending) {
  if (Fails()) {
    pending->Answer(Injected());
  } else {
    tier_.Put(std::move(key), std::move(value), ttl, deadline,
              std::move(pending));
  }
}

void FaultyTier::Delete(std::string key, Nanos deadline,
                        PendingPtr<absl::Status> pending) {
  if (Fails()) {
    pending->Answer(Injected());
  } else {
    tier_.Delete(std::move(key), deadline, std::move(pending));
  }
}

bool FaultyTier::Fails() {
  const std::uint64_t number = operations_++;
  return number >= after_ && number - after_ < count_;
}

TierSettings ReadTier(Options& options, TierKind otherwise) {
  const std::string kind =
      options.Choice("second_tier", {"none", "memory", "redis"},
                     otherwise == TierKind::kNone ? "none" : "memory");
  TierSettings settings;
  settings.delay = options.Time("second_tier_delay", 0);
  settings.bytes =
      options.Size("second_tier_bytes", {.min = 1, .max = 10e9}, 64'000'000);
  if (kind == "memory") settings.kind = TierKind::kMemory;
  if (kind == "redis") settings.kind = TierKind::kRedis;
  return settings;
}

absl::StatusOr<std::unique_ptr<OwnTier>> OwnTier::Create(
    const LocalParts& parts, const TierSettings& settings) {
  std::random_device random;
  std::unique_ptr<OwnTier> tier(new OwnTier(
      absl::StrCat("perfrig:local:", absl::Hex(random(), absl::kZeroPad8),
                   absl::Hex(random(), absl::kZeroPad8), ":")));
  if (settings.kind == TierKind::kMemory) {
    tier->memory_ = std::make_unique<cache::MockTier>(
        parts.clock, parts.delays,
        cache::MockTier::Options{.max_bytes = settings.bytes});
    tier->memory_->SetDelay(settings.delay);
  } else if (settings.kind == TierKind::kRedis) {
    if (!parts.redis) {
      return absl::FailedPreconditionError(
          "data.second_tier redis needs a daemon that was started with "
          "--redis");
    }
    tier->redis_ = std::make_unique<cache::RedisTier>(
        parts.clock, cache::RedisOptions{.address = *parts.redis});
  }
  return tier;
}

OwnTier::~OwnTier() {
  if (memory_ != nullptr) memory_->Close();
}

cache::SecondTier* OwnTier::get() const {
  if (redis_ != nullptr) return redis_.get();
  return memory_.get();
}

}  // namespace perfrig::local
