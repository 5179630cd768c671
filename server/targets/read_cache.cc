#include "server/targets/read_cache.h"

#include <algorithm>
#include <map>
#include <utility>

#include "server/cache/lru.h"

namespace perfrig::targets {

// Shared with the lookups, which may outlast a change.
class ReadCache::Kept {
 public:
  using Callback = Answers::Callback<bool>;

  Kept(const Clock& clock, std::size_t bytes_limit, Nanos time)
      // In one piece: the least recently used of all is the one to leave, and a
      // value may be as large as the whole.
      : lru(clock, {.max_bytes = bytes_limit, .shards = 1}),
        bytes(bytes_limit),
        ttl(time) {}

  // False where somebody gets the key already.
  bool BeginGetting(const std::string& key) {
    MutexLock lock(mutex_);
    return waiting_.try_emplace(key).second;
  }
  void EndGetting(const std::string& key) {
    std::map<std::uint64_t, Callback> waiting;
    {
      MutexLock lock(mutex_);
      const auto found = waiting_.find(key);
      waiting.swap(found->second);
      waiting_.erase(found);
    }
    for (const auto& [number, callback] : waiting) callback(true);
  }
  // Calls back when that has ended.
  Answers::Withdraw Await(const std::string& key, Callback callback) {
    std::uint64_t number = 0;
    {
      MutexLock lock(mutex_);
      const auto found = waiting_.find(key);
      if (found != waiting_.end()) {
        number = ++last_number_;
        found->second.emplace(number, std::move(callback));
      }
    }
    if (number == 0) {
      callback(true);
      return nullptr;
    }
    return [this, key, number] {
      MutexLock lock(mutex_);
      const auto found = waiting_.find(key);
      if (found != waiting_.end()) found->second.erase(number);
    };
  }

  cache::Lru lru;
  const std::size_t bytes;
  const Nanos ttl;

 private:
  Mutex mutex_;
  std::uint64_t last_number_ PERFRIG_GUARDED_BY(mutex_) = 0;
  // By key that somebody gets, who waits for that, in order.
  std::map<std::string, std::map<std::uint64_t, Callback>> waiting_
      PERFRIG_GUARDED_BY(mutex_);
};

// Lets others have their turn when it goes.
class ReadCache::Lookup::Getting {
 public:
  Getting(std::shared_ptr<Kept> kept, std::string key)
      : kept_(std::move(kept)), key_(std::move(key)) {}
  ~Getting() { kept_->EndGetting(key_); }

  Getting(const Getting&) = delete;
  Getting& operator=(const Getting&) = delete;

 private:
  const std::shared_ptr<Kept> kept_;
  const std::string key_;
};

ReadCache::Lookup::Lookup(std::shared_ptr<Kept> kept, std::string key)
    : kept_(std::move(kept)), key_(std::move(key)) {}

bool ReadCache::Lookup::Look() {
  // Who waited for what is not kept would get it only after all before him.
  if (kept_->bytes == 0) return true;
  value = kept_->lru.Get(key_);
  if (value != nullptr) return true;
  if (!kept_->BeginGetting(key_)) return false;
  getting_ = std::make_shared<Getting>(kept_, key_);
  epoch_ = kept_->lru.Epoch(key_);
  return true;
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

Task<absl::StatusOr<ReadCache::Lookup>> ReadCache::Find(Stay& stay,
                                                        std::string key) {
  const Nanos began = stay.Now();
  Lookup lookup(kept(), std::move(key));
  while (!lookup.Look()) {
    lookup.at_once = false;
    Answers::Ask<bool> ask = [&lookup](Answers::Callback<bool> callback) {
      return lookup.kept_->Await(lookup.key_, std::move(callback));
    };
    CO_ASSIGN_OR_RETURN([[maybe_unused]] const bool ended,
                        co_await answers_.Await(stay.scope(), std::move(ask)));
  }
  ++(lookup.value != nullptr && lookup.at_once ? hits_ : misses_);
  stay.AddPhase(Phase::kCache, stay.Now() - began);
  co_return lookup;
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
