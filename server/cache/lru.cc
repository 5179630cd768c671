#include "server/cache/lru.h"

#include <array>
#include <functional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "common/sync/mutex.h"

namespace perfrig::cache {
namespace {

// A ring: newest after the head, oldest before it.
struct Link {
  Link* previous = this;
  Link* next = this;

  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  void Unlink() const {
    previous->next = next;
    next->previous = previous;
  }
  void InsertAfter(Link& place) {
    previous = &place;
    next = place.next;
    next->previous = this;
    place.next = this;
  }
};

struct Entry : Link {
  std::string key;
  Value value;
  Nanos expires = kNever;

  [[nodiscard]] std::size_t bytes() const;
};

// The entry, its slot in the table, the value's string and reference counts.
constexpr std::size_t kEntryBytes = sizeof(Entry) + 96;

std::size_t BytesOf(std::string_view key, const Value& value) {
  return kEntryBytes + key.size() + value->size();
}

std::size_t Entry::bytes() const { return BytesOf(key, value); }

// Not absl::Hash, which differs from process to process: which key shares a
// shard with which decides what is evicted.
using Hash = std::hash<std::string_view>;

}  // namespace

class alignas(64) Lru::Shard {
 public:
  explicit Shard(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  Value Get(std::string_view key, std::size_t hash, const Clock& clock) {
    // Ends without the lock.
    std::unique_ptr<Entry> dead;
    MutexLock lock(mutex_);
    const auto at = entries_.find(key, hash);
    if (at == entries_.end()) {
      ++statistics_.misses;
      return nullptr;
    }
    Entry& entry = *at->second;
    if (entry.expires != kNever && entry.expires <= clock.Now()) {
      ++statistics_.misses;
      ++statistics_.expired;
      dead = Remove(at);
      return nullptr;
    }
    ++statistics_.hits;
    entry.Unlink();
    entry.InsertAfter(head_);
    return entry.value;
  }

  [[nodiscard]] Value Peek(std::string_view key, std::size_t hash,
                           const Clock& clock) const {
    MutexLock lock(mutex_);
    const auto at = entries_.find(key, hash);
    if (at == entries_.end()) return nullptr;
    const Entry& entry = *at->second;
    const bool over = entry.expires != kNever && entry.expires <= clock.Now();
    return over ? nullptr : entry.value;
  }

  // `epoch`: null, or only if nothing is newer than that.
  bool Put(std::string_view key, std::size_t hash, Value value, Nanos expires,
           const std::uint64_t* epoch) {
    // End without the lock.
    Dead dead;
    MutexLock lock(mutex_);
    auto at = entries_.find(key, hash);
    if (epoch != nullptr && (at != entries_.end() || *epoch != EpochOf(hash))) {
      return false;
    }
    if (BytesOf(key, value) > max_bytes_) {
      ++statistics_.too_large;
      if (epoch == nullptr) ++EpochOf(hash);
      if (at != entries_.end()) dead.push_back(Remove(at));
      return true;
    }
    ++statistics_.puts;
    if (epoch == nullptr) ++EpochOf(hash);
    if (at == entries_.end()) {
      auto entry = std::make_unique<Entry>();
      entry->key = key;
      const std::string_view kept = entry->key;
      at = entries_.emplace(kept, std::move(entry)).first;
    } else {
      at->second->Unlink();
      bytes_ -= at->second->bytes();
    }
    Entry& entry = *at->second;
    // The old value leaves with the argument, after the lock.
    entry.value.swap(value);
    entry.expires = expires;
    entry.InsertAfter(head_);
    bytes_ += entry.bytes();
    Evict(dead);
    return true;
  }

  bool Erase(std::string_view key, std::size_t hash) {
    std::unique_ptr<Entry> dead;
    MutexLock lock(mutex_);
    ++EpochOf(hash);
    const auto at = entries_.find(key, hash);
    if (at == entries_.end()) return false;
    dead = Remove(at);
    return true;
  }

  void Clear() {
    Entries dead;
    MutexLock lock(mutex_);
    for (std::uint64_t& epoch : epochs_) ++epoch;
    bytes_ = 0;
    dead.swap(entries_);
    head_.previous = head_.next = &head_;
  }

  std::uint64_t Epoch(std::size_t hash) {
    MutexLock lock(mutex_);
    return EpochOf(hash);
  }

  void AddTo(LruStatistics& sum) const {
    MutexLock lock(mutex_);
    sum.hits += statistics_.hits;
    sum.misses += statistics_.misses;
    sum.puts += statistics_.puts;
    sum.evicted += statistics_.evicted;
    sum.expired += statistics_.expired;
    sum.too_large += statistics_.too_large;
    sum.entries += entries_.size();
    sum.bytes += bytes_;
  }

 private:
  using Dead = absl::InlinedVector<std::unique_ptr<Entry>, 4>;
  // By the key inside the entry.
  using Entries =
      absl::flat_hash_map<std::string_view, std::unique_ptr<Entry>, Hash>;

  std::uint64_t& EpochOf(std::size_t hash) PERFRIG_REQUIRES(mutex_) {
    return epochs_[hash % epochs_.size()];
  }

  std::unique_ptr<Entry> Remove(Entries::iterator at) PERFRIG_REQUIRES(mutex_) {
    std::unique_ptr<Entry> entry = std::move(at->second);
    entries_.erase(at);
    entry->Unlink();
    bytes_ -= entry->bytes();
    return entry;
  }

  void Evict(Dead& dead) PERFRIG_REQUIRES(mutex_) {
    while (bytes_ > max_bytes_) {
      ++statistics_.evicted;
      auto& oldest = static_cast<Entry&>(*head_.previous);
      dead.push_back(Remove(entries_.find(oldest.key)));
    }
  }

  const std::size_t max_bytes_;
  mutable Mutex mutex_;
  Entries entries_ PERFRIG_GUARDED_BY(mutex_);
  Link head_ PERFRIG_GUARDED_BY(mutex_);
  std::size_t bytes_ PERFRIG_GUARDED_BY(mutex_) = 0;
  // Each grows with every change, other than a Fill, of the keys that share it.
  std::array<std::uint64_t, 256> epochs_ PERFRIG_GUARDED_BY(mutex_) = {};
  LruStatistics statistics_ PERFRIG_GUARDED_BY(mutex_);
};

Lru::Lru(const Clock& clock, const LruOptions& options) : clock_(clock) {
  for (std::size_t i = 0; i < options.shards; ++i) {
    shards_.push_back(
        std::make_unique<Shard>(options.max_bytes / options.shards));
  }
}

Lru::~Lru() = default;

Value Lru::Get(std::string_view key) {
  const Place place = PlaceOf(key);
  return place.shard.Get(key, place.hash, clock_);
}

Value Lru::Peek(std::string_view key) const {
  const Place place = PlaceOf(key);
  return place.shard.Peek(key, place.hash, clock_);
}

void Lru::Put(std::string_view key, Value value, Nanos ttl) {
  const Place place = PlaceOf(key);
  place.shard.Put(key, place.hash, std::move(value), Expiry(ttl), nullptr);
}

bool Lru::Erase(std::string_view key) {
  const Place place = PlaceOf(key);
  return place.shard.Erase(key, place.hash);
}

void Lru::Clear() {
  for (const auto& shard : shards_) shard->Clear();
}

std::uint64_t Lru::Epoch(std::string_view key) const {
  const Place place = PlaceOf(key);
  return place.shard.Epoch(place.hash);
}

bool Lru::Fill(std::string_view key, Value value, Nanos ttl,
               std::uint64_t epoch) {
  const Place place = PlaceOf(key);
  return place.shard.Put(key, place.hash, std::move(value), Expiry(ttl),
                         &epoch);
}

LruStatistics Lru::statistics() const {
  LruStatistics sum;
  for (const auto& shard : shards_) shard->AddTo(sum);
  return sum;
}

Lru::Place Lru::PlaceOf(std::string_view key) const {
  const std::size_t hash = Hash()(key);
  // By the upper half; the table uses the lower bits.
  return {*shards_[((hash >> 32) * shards_.size()) >> 32], hash};
}

Nanos Lru::Expiry(Nanos ttl) const {
  if (ttl == kNever) return kNever;
  const Nanos now = clock_.Now();
  return ttl < kNever - now ? now + ttl : kNever;
}

}  // namespace perfrig::cache
