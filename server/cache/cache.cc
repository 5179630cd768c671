#include "server/cache/cache.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace perfrig::cache {
namespace {

// Not kept back, but out of order: the first tier goes on without it.
bool IsOut(const absl::Status& status) { return absl::IsUnavailable(status); }

}  // namespace

std::shared_ptr<Cache> Cache::Create(const CacheOptions& options,
                                     const CacheParts& parts) {
  return std::shared_ptr<Cache>(new Cache(options, parts));
}

Cache::Cache(const CacheOptions& options, const CacheParts& parts)
    : options_(options),
      first_(parts.clock, options.first_tier),
      flights_(parts.delays, options.max_waiting),
      second_(parts.tier == nullptr
                  ? nullptr
                  : GuardedTier::Create(parts.clock, parts.delays, *parts.tier,
                                        parts.keyring, options.second_tier)) {}

void Cache::Get(std::string_view key, const Caller& caller) {
  absl::Status status = CheckKey(key);
  if (!status.ok()) {
    caller->Answer(std::move(status));
    return;
  }
  if (Value value = first_.Get(key)) {
    first_tier_hits_.fetch_add(1, std::memory_order_relaxed);
    caller->Answer(Found{std::move(value), Source::kFirstTier});
    return;
  }
  Fetch(std::string(key), first_.Epoch(key), caller);
}

void Cache::Put(std::string_view key, const Value& value, Nanos ttl,
                const PendingPtr<absl::Status>& pending) {
  absl::Status status = CheckKey(key);
  if (status.ok() && value->size() > options_.max_value_bytes) {
    status = absl::InvalidArgumentError(
        absl::StrCat("value must have ", options_.max_value_bytes,
                     " bytes or less, got ", value->size()));
  }
  if (!status.ok()) {
    pending->Answer(std::move(status));
    return;
  }
  puts_.fetch_add(1, std::memory_order_relaxed);
  first_.Put(key, value, ttl);
  flights_.Forget(key);
  if (second_ == nullptr) {
    pending->Answer(absl::OkStatus());
  } else {
    second_->Put(std::string(key), value, ttl, pending);
  }
}

void Cache::GetOrCompute(std::string_view key, Nanos ttl,
                         const Compute& compute, const Caller& caller) {
  absl::Status status = CheckKey(key);
  if (!status.ok()) {
    caller->Answer(std::move(status));
    return;
  }
  if (Value value = first_.Get(key)) {
    first_tier_hits_.fetch_add(1, std::memory_order_relaxed);
    caller->Answer(Found{std::move(value), Source::kFirstTier});
    return;
  }
  flights_.Join(key, caller,
                [self = shared_from_this(), name = std::string(key), ttl,
                 compute](const Caller& computing) {
                  self->Fly(name, ttl, compute, computing);
                });
}

void Cache::Invalidate(std::string_view key,
                       const PendingPtr<absl::Status>& pending) {
  absl::Status status = CheckKey(key);
  if (!status.ok()) {
    pending->Answer(std::move(status));
    return;
  }
  invalidations_.fetch_add(1, std::memory_order_relaxed);
  first_.Erase(key);
  flights_.Forget(key);
  if (second_ == nullptr) {
    pending->Answer(absl::OkStatus());
  } else {
    second_->Delete(std::string(key), pending);
  }
}

void Cache::Clear() { first_.Clear(); }

CacheStatistics Cache::statistics() const {
  CacheStatistics statistics;
  statistics.first_tier_hits = first_tier_hits_;
  statistics.second_tier_hits = second_tier_hits_;
  statistics.misses = misses_;
  statistics.puts = puts_;
  statistics.invalidations = invalidations_;
  statistics.first_tier = first_.statistics();
  statistics.flights = flights_.statistics();
  if (second_ != nullptr) statistics.second_tier = second_->statistics();
  return statistics;
}

absl::Status Cache::CheckKey(std::string_view key) const {
  if (!key.empty() && key.size() <= options_.max_key_bytes) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("key must have 1 to ",
                                                 options_.max_key_bytes,
                                                 " bytes, got ", key.size()));
}

void Cache::Fetch(const std::string& key, std::uint64_t epoch,
                  const Caller& caller) {
  if (second_ == nullptr) {
    misses_.fetch_add(1, std::memory_order_relaxed);
    caller->Answer(Found());
    return;
  }
  const auto fetched = MakePending<absl::StatusOr<GuardedTier::Kept>>(
      [self = shared_from_this(), key, epoch,
       caller](absl::StatusOr<GuardedTier::Kept> kept) {
        if (!kept.ok() && !IsOut(kept.status())) {
          caller->Answer(kept.status());
          return;
        }
        if (!kept.ok() || kept->value == nullptr) {
          self->misses_.fetch_add(1, std::memory_order_relaxed);
          caller->Answer(Found());
          return;
        }
        self->second_tier_hits_.fetch_add(1, std::memory_order_relaxed);
        self->first_.Fill(key, kept->value, kept->ttl, epoch);
        caller->Answer(Found{std::move(kept->value), Source::kSecondTier});
      });
  if (!caller->OnWithdraw([fetched] { fetched->Withdraw(); })) return;
  second_->Get(key, fetched);
}

void Cache::Fly(const std::string& key, Nanos ttl, const Compute& compute,
                const Caller& computing) {
  // A flight may have landed since this caller missed.
  if (Value value = first_.Peek(key)) {
    first_tier_hits_.fetch_add(1, std::memory_order_relaxed);
    computing->Answer(Found{std::move(value), Source::kFirstTier});
    return;
  }
  const std::uint64_t epoch = first_.Epoch(key);
  const auto computed = MakePending<absl::StatusOr<Value>>(
      [self = shared_from_this(), key, ttl, epoch,
       computing](const absl::StatusOr<Value>& value) {
        computing->Answer(self->Keep(key, ttl, epoch, value));
      });
  const auto fetched = MakePending<absl::StatusOr<Found>>(
      [compute, computing, computed](absl::StatusOr<Found> found) {
        if (!found.ok() || found->value != nullptr) {
          computing->Answer(std::move(found));
        } else if (computing->OnWithdraw(
                       [computed] { computed->Withdraw(); })) {
          compute(computed);
        }
      });
  if (!computing->OnWithdraw([fetched] { fetched->Withdraw(); })) return;
  Fetch(key, epoch, fetched);
}

absl::StatusOr<Found> Cache::Keep(const std::string& key, Nanos ttl,
                                  std::uint64_t epoch,
                                  const absl::StatusOr<Value>& computed) {
  if (!computed.ok()) return computed.status();
  const Value& value = *computed;
  if (value->size() > options_.max_value_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("computed value must have ", options_.max_value_bytes,
                     " bytes or less, got ", value->size()));
  }
  const bool newest = first_.Fill(key, value, ttl, epoch);
  if (newest && second_ != nullptr) {
    // Nobody waits for it; the tier's statistics tell.
    second_->Put(key, value, ttl, MakePending<absl::Status>([](auto&&) {}));
  }
  return Found{value, Source::kComputed};
}

}  // namespace perfrig::cache
