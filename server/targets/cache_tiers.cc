#include "server/targets/cache_tiers.h"

#include <random>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/targets/behavior/delay_sampler.h"
#include "server/targets/fields.h"

namespace perfrig::targets {
namespace {

using target::v1::CacheCounts;
using target::v1::CacheStatsResponse;

// Nothing that a seed repeats: what an earlier process left in a Redis must
// not be found.
std::string NewSpace() {
  std::random_device random;
  return absl::StrCat("perfrig:", absl::Hex(random(), absl::kZeroPad8),
                      absl::Hex(random(), absl::kZeroPad8), ":");
}

std::string_view NameOf(cache::BreakerState state) {
  switch (state) {
    case cache::BreakerState::kClosed:
      return "closed";
    case cache::BreakerState::kOpen:
      return "open";
    case cache::BreakerState::kHalfOpen:
      return "half_open";
  }
  return "";
}

void Fill(const cache::GuardedTierStatistics& tier,
          CacheStatsResponse& statistics) {
  statistics.set_failures(tier.failures);
  statistics.set_timeouts(tier.timeouts);
  statistics.set_damaged(tier.damaged);
  statistics.set_breaker(std::string(NameOf(tier.breaker.state)));
  statistics.set_opened(tier.breaker.opened);
  statistics.set_skipped(tier.skipped);
  statistics.set_refused(tier.backpressure.refused + tier.backpressure.expired);
  *statistics.mutable_timeout() = ToDuration(tier.timeout);
}

}  // namespace

CacheTiers::CacheTiers(const Clock& clock, DelayQueue& delays,
                       Elsewhere& elsewhere, cache::MockTier::Observer observer,
                       const std::optional<cache::RedisAddress>& redis)
    : clock_(clock),
      delays_(delays),
      keyring_(cache::Keyring::CreateRandom()),
      space_(NewSpace()),
      mock_(clock, delays,
            {.observer = std::move(observer),
             .elsewhere =
                 [&elsewhere](std::function<void()> task) {
                   return elsewhere.Post(std::move(task));
                 }}),
      redis_(redis.has_value() ? std::make_unique<cache::RedisTier>(
                                     clock, cache::RedisOptions{*redis})
                               : nullptr) {}

void CacheTiers::Configure(const v1::CacheOptions& options,
                           std::uint64_t seed) {
  const Design design = {.first_tier_bytes = options.l1_bytes(),
                         .second_tier = options.l2(),
                         .real = options.l2_back_end() == v1::REAL,
                         .encrypt = options.encrypt(),
                         .concurrency = options.l2_concurrency(),
                         .adaptive_timeout = options.adaptive_timeout(),
                         .seed = seed};
  mock_.SetDelay(ToNanos(options.l2_delay()));
  MutexLock lock(mutex_);
  if (in_force_.cache != nullptr && design == design_) return;
  // What was computed under another seed is not what this one makes.
  if (design.seed != design_.seed) ++emptied_;
  design_ = design;
  Make();
}

void CacheTiers::Clear() {
  MutexLock lock(mutex_);
  ++emptied_;
  Make();
  mock_.Clear();
}

void CacheTiers::Close() {
  mock_.Close();
  if (redis_ != nullptr) redis_->Close();
}

void CacheTiers::Make() {
  tier_ = nullptr;
  if (design_.second_tier && design_.real) {
    tier_ = redis_.get();
  } else if (design_.second_tier) {
    tier_ = &mock_;
  }
  cache::CacheOptions options;
  // In one piece: the least recently used of all is the one to leave, and a
  // value may be as large as the whole.
  options.first_tier = {.max_bytes = design_.first_tier_bytes, .shards = 1};
  options.second_tier.backpressure.max_in_flight = design_.concurrency;
  options.second_tier.timeout.follows = design_.adaptive_timeout;
  options.second_tier.prefix = absl::StrCat(space_, emptied_, ":");
  in_force_ = {
      .cache = cache::Cache::Create(
          options, {.clock = clock_,
                    .delays = delays_,
                    .tier = tier_,
                    .keyring = design_.encrypt ? keyring_.get() : nullptr}),
      .beyond = tier_ == nullptr ? Phase::kCache : Phase::kProvider};
}

CacheTiers::InForce CacheTiers::in_force() const {
  MutexLock lock(mutex_);
  return in_force_;
}

CacheStatsResponse CacheTiers::Statistics() const {
  std::shared_ptr<cache::Cache> cache;
  CacheStatsResponse statistics;
  CacheCounts& counts = *statistics.mutable_cache();
  {
    MutexLock lock(mutex_);
    cache = in_force_.cache;
    counts.set_bytes_limit(design_.first_tier_bytes);
  }
  const cache::CacheStatistics all = cache->statistics();
  counts.set_evicted(all.first_tier.evicted);
  counts.set_expired(all.first_tier.expired);
  counts.set_entries(all.first_tier.entries);
  counts.set_bytes(all.first_tier.bytes);
  if (all.second_tier.has_value()) Fill(*all.second_tier, statistics);
  return statistics;
}

void CacheTiers::Describe(google::protobuf::Struct& state) const {
  const CacheStatsResponse statistics = Statistics();
  const cache::SecondTier* tier = nullptr;
  {
    MutexLock lock(mutex_);
    tier = tier_;
  }
  const auto tell = [&](const char* name, auto value) {
    Tell(state, name, static_cast<double>(value));
  };
  tell("cache_entries", statistics.cache().entries());
  tell("cache_bytes", statistics.cache().bytes());
  tell("cache_bytes_limit", statistics.cache().bytes_limit());
  tell("cache_evicted", statistics.cache().evicted());
  tell("cache_expired", statistics.cache().expired());
  auto& fields = *state.mutable_fields();
  fields["second_tier"].set_string_value(tier == nullptr  ? "none"
                                         : tier == &mock_ ? "mock"
                                                          : "redis");
  if (tier == nullptr) return;
  fields["breaker"].set_string_value(statistics.breaker());
  tell("opened", statistics.opened());
  tell("skipped", statistics.skipped());
  tell("refused", statistics.refused());
  tell("failures", statistics.failures());
  tell("timeouts", statistics.timeouts());
  tell("damaged", statistics.damaged());
  if (tier != &mock_) return;
  const cache::LruStatistics kept = mock_.statistics();
  tell("second_tier_entries", kept.entries);
  tell("second_tier_bytes", kept.bytes);
  tell("second_tier_bytes_limit", cache::MockTier::kMaxBytes);
}

}  // namespace perfrig::targets
