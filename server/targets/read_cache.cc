#include "server/targets/read_cache.h"

#include <algorithm>

namespace perfrig::targets {

ReadCache::Lookup::Lookup(std::shared_ptr<Kept> kept, std::string key)
    : value(kept->lru.Get(key)), kept_(std::move(kept)), key_(std::move(key)) {
  if (value == nullptr) epoch_ = kept_->lru.Epoch(key_);
}

void ReadCache::Lookup::Keep(std::string bytes) {
  value = cache::MakeValue(std::move(bytes));
  kept_->lru.Fill(key_, value, kept_->ttl, epoch_);
}

ReadCache::ReadCache(const Clock& clock)
    : clock_(clock), kept_(std::make_shared<Kept>(clock, 0, kNever)) {}

void ReadCache::Configure(std::size_t bytes, Nanos ttl) {
  MutexLock lock(mutex_);
  if (kept_->bytes == bytes && kept_->ttl == ttl) return;
  kept_ = std::make_shared<Kept>(clock_, bytes, ttl);
}

void ReadCache::Clear() {
  MutexLock lock(mutex_);
  kept_ = std::make_shared<Kept>(clock_, kept_->bytes, kept_->ttl);
  hits_before_ = hits_;
  misses_before_ = misses_;
}

ReadCache::Lookup ReadCache::Find(std::string key) {
  Lookup lookup(kept(), std::move(key));
  ++(lookup.value != nullptr ? hits_ : misses_);
  return lookup;
}

bool ReadCache::Invalidate(const std::string& key) {
  return kept()->lru.Erase(key);
}

std::size_t ReadCache::InvalidateAll() {
  const std::shared_ptr<Kept> all = kept();
  const std::size_t entries = all->lru.statistics().entries;
  all->lru.Clear();
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

std::shared_ptr<ReadCache::Kept> ReadCache::kept() const {
  MutexLock lock(mutex_);
  return kept_;
}

}  // namespace perfrig::targets
