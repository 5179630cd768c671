// The cache of a target that reads through it.
//
//   ReadCache::Lookup lookup = cache.Find(key);
//   if (lookup.value == nullptr) {
//     …
//     lookup.Keep(bytes);
//   }
#ifndef PERFRIG_SERVER_TARGETS_READ_CACHE_H_
#define PERFRIG_SERVER_TARGETS_READ_CACHE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "common/sync/mutex.h"
#include "common/time/clock.h"
#include "google/protobuf/struct.pb.h"
#include "perfrig/target/v1/caching.pb.h"
#include "perfrig/v1/target.pb.h"
#include "server/cache/lru.h"
#include "server/cache/value.h"

namespace perfrig::targets {

// Thread-safe.
class ReadCache {
  struct Kept;

 public:
  class Lookup {
   public:
    // Null where nothing is kept.
    cache::Value value;

    // Not if the key was invalidated since.
    void Keep(std::string bytes);

   private:
    friend class ReadCache;

    Lookup(std::shared_ptr<Kept> kept, std::string key);

    std::shared_ptr<Kept> kept_;
    std::string key_;
    std::uint64_t epoch_ = 0;
  };

  // `clock` outlives this. Keeps nothing before it is configured.
  explicit ReadCache(const Clock& clock);

  // Empty again where one of these has changed; hits and misses stay.
  void Configure(std::size_t bytes, Nanos ttl);
  // Empty, and its counts zero.
  void Clear();

  [[nodiscard]] Lookup Find(std::string key);
  // False if there was none.
  bool Invalidate(const std::string& key);
  // How many there were.
  std::size_t InvalidateAll();

  // Since the last Clear; with those before it.
  [[nodiscard]] v1::CacheStatistics Statistics() const;
  [[nodiscard]] v1::CacheStatistics Totals() const;

  [[nodiscard]] target::v1::CacheCounts Counts() const;
  // The same, as a part of a target's state.
  void Describe(google::protobuf::Struct& state) const;

 private:
  // Shared with the lookups, which may outlast a change.
  struct Kept {
    Kept(const Clock& clock, std::size_t bytes_limit, Nanos time)
        // In one piece: the least recently used of all is the one to leave,
        // and a value may be as large as the whole.
        : lru(clock, {.max_bytes = bytes_limit, .shards = 1}),
          bytes(bytes_limit),
          ttl(time) {}

    cache::Lru lru;
    const std::size_t bytes;
    const Nanos ttl;
  };

  [[nodiscard]] std::shared_ptr<Kept> kept() const;

  const Clock& clock_;
  std::atomic<std::uint64_t> hits_ = 0;
  std::atomic<std::uint64_t> misses_ = 0;
  mutable Mutex mutex_;
  std::shared_ptr<Kept> kept_ PERFRIG_GUARDED_BY(mutex_);
  // At the last Clear.
  std::uint64_t hits_before_ PERFRIG_GUARDED_BY(mutex_) = 0;
  std::uint64_t misses_before_ PERFRIG_GUARDED_BY(mutex_) = 0;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_READ_CACHE_H_
