#include "server/targets/read_cache.h"

#include <algorithm>
#include <utility>

#include "server/cache/lru.h"

namespace perfrig::targets {

using cache::Found;
using cache::Source;

// Shared with those who read, who may outlast a change.
struct ReadCache::Kept {
  cache::Lru lru;
  cache::SingleFlight reads;
  const std::size_t bytes;
  const Nanos ttl;
};

ReadCache::ReadCache(const Clock& clock, DelayQueue& delays)
    : clock_(clock), delays_(delays), kept_(NewlyKept(0, kNever)) {}

void ReadCache::Configure(std::size_t bytes, Nanos ttl) {
  MutexLock lock(mutex_);
  if (kept_->bytes == bytes && kept_->ttl == ttl) return;
  kept_ = NewlyKept(bytes, ttl);
}

void ReadCache::Clear() {
  MutexLock lock(mutex_);
  kept_ = NewlyKept(kept_->bytes, kept_->ttl);
  hits_before_ = hits_;
  misses_before_ = misses_;
}

Task<absl::StatusOr<Found>> ReadCache::GetOrRead(Stay& stay, std::string key,
                                                 Read read) {
  const std::shared_ptr<Kept> kept = this->kept();
  const Nanos began = stay.Now();
  absl::StatusOr<Found> found = Found{kept->lru.Get(key), Source::kFirstTier};
  cache::SingleFlight::Caller reading;
  const bool shares = kept->bytes > 0;
  while (shares && found.ok() && found->value == nullptr &&
         reading == nullptr) {
    found = co_await Join(stay, *kept, key, reading);
  }
  const bool missing = found.ok() && found->value == nullptr;
  const bool hit =
      found.ok() && !missing && found->source == Source::kFirstTier;
  ++(hit ? hits_ : misses_);
  stay.AddPhase(Phase::kCache, stay.Now() - began);
  if (!missing) {
    // It was ended just when it was to read: that is for one of the others.
    if (reading != nullptr) reading->Answer(Found());
    co_return found;
  }

  const std::uint64_t epoch = kept->lru.Epoch(key);
  absl::StatusOr<std::string> bytes = co_await read();
  if (bytes.ok()) {
    found = Found{cache::MakeValue(*std::move(bytes)), Source::kComputed};
    kept->lru.Fill(key, found->value, kept->ttl, epoch);
  } else {
    found = bytes.status();
  }
  if (reading != nullptr) {
    // What ends this call alone is no answer for the others.
    const bool alone = !found.ok() && stay.scope().cancelled();
    reading->Answer(alone ? absl::StatusOr<Found>(Found()) : found);
  }
  co_return found;
}

Task<absl::StatusOr<Found>> ReadCache::Join(
    Stay& stay, Kept& kept, const std::string& key,
    cache::SingleFlight::Caller& reading) {
  Answers::Ask<Found> ask = [&](Answers::Callback<Found> callback) {
    const auto caller = cache::MakePending<absl::StatusOr<Found>>(
        [callback = std::move(callback)](absl::StatusOr<Found> found) {
          callback(std::move(found));
        });
    kept.reads.Join(
        key, caller, [&](const cache::SingleFlight::Caller& computing) {
          // One may have ended since this call missed.
          if (cache::Value value = kept.lru.Peek(key)) {
            computing->Answer(Found{std::move(value), Source::kFirstTier});
          } else {
            reading = computing;
          }
        });
    if (reading != nullptr) caller->Answer(Found());
    return [caller] { caller->Withdraw(); };
  };
  co_return co_await answers_.Await(stay.scope(), std::move(ask));
}

bool ReadCache::Invalidate(const std::string& key) {
  const std::shared_ptr<Kept> all = kept();
  const bool was_kept = all->lru.Erase(key);
  all->reads.Forget(key);
  return was_kept;
}

std::size_t ReadCache::InvalidateAll() {
  const std::shared_ptr<Kept> all = kept();
  const std::size_t entries = all->lru.statistics().entries;
  all->lru.Clear();
  all->reads.ForgetAll();
  return entries;
}

v1::CacheStatistics ReadCache::Statistics() const {
  v1::CacheStatistics since = Totals();
  MutexLock lock(mutex_);
  since.set_hits(since.hits() - std::min(since.hits(), hits_before_));
  since.set_misses(since.misses() - std::min(since.misses(), misses_before_));
  return since;
}

v1::CacheStatistics ReadCache::Totals() const {
  v1::CacheStatistics all;
  all.set_hits(hits_);
  all.set_misses(misses_);
  all.set_bytes(kept()->lru.statistics().bytes);
  return all;
}

target::v1::CacheCounts ReadCache::Counts() const {
  const v1::CacheStatistics since = Statistics();
  const std::shared_ptr<Kept> all = kept();
  const cache::LruStatistics statistics = all->lru.statistics();
  const auto hits = static_cast<double>(since.hits());
  const auto misses = static_cast<double>(since.misses());
  target::v1::CacheCounts counts;
  counts.set_hits(since.hits());
  counts.set_misses(since.misses());
  counts.set_hit_rate(hits + misses > 0 ? hits / (hits + misses) : 0);
  counts.set_evicted(statistics.evicted);
  counts.set_expired(statistics.expired);
  counts.set_entries(statistics.entries);
  counts.set_bytes(statistics.bytes);
  counts.set_bytes_limit(all->bytes);
  return counts;
}

void ReadCache::Describe(google::protobuf::Struct& state) const {
  const target::v1::CacheCounts counts = Counts();
  const auto set = [&state](const char* name, std::uint64_t value) {
    (*state.mutable_fields())[name].set_number_value(
        static_cast<double>(value));
  };
  set("cache_hits", counts.hits());
  set("cache_misses", counts.misses());
  set("cache_evicted", counts.evicted());
  set("cache_entries", counts.entries());
  set("cache_bytes", counts.bytes());
  set("cache_bytes_limit", counts.bytes_limit());
}

std::shared_ptr<ReadCache::Kept> ReadCache::NewlyKept(std::size_t bytes,
                                                      Nanos ttl) const {
  // In one piece: the least recently used of all is the one to leave, and a
  // value may be as large as the whole.
  return std::shared_ptr<Kept>(
      new Kept{.lru = {clock_, {.max_bytes = bytes, .shards = 1}},
               .reads = cache::SingleFlight(delays_),
               .bytes = bytes,
               .ttl = ttl});
}

std::shared_ptr<ReadCache::Kept> ReadCache::kept() const {
  MutexLock lock(mutex_);
  return kept_;
}

}  // namespace perfrig::targets
