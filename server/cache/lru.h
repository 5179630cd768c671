// The first tier: values in memory, bounded in bytes, the least recently used
// leaving first.
//
//   Lru lru(clock, {.max_bytes = 64 << 20});
//   lru.Put("user/7", MakeValue(bytes), 10 * kSecond);
//   if (const Value value = lru.Get("user/7")) Use(*value);
#ifndef PERFRIG_SERVER_CACHE_LRU_H_
#define PERFRIG_SERVER_CACHE_LRU_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "common/time/clock.h"
#include "server/cache/value.h"

namespace perfrig::cache {

struct LruOptions {
  // Keys, values and about 200 bytes for each of them. Each shard has an equal
  // part, and a value that is larger than that is not kept.
  std::size_t max_bytes = std::size_t{64} << 20;
  // At least 1. One gives the exact order of use over all keys.
  std::size_t shards = 16;
};

struct LruStatistics {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t puts = 0;
  std::uint64_t evicted = 0;
  std::uint64_t expired = 0;
  // Values larger than a shard.
  std::uint64_t too_large = 0;
  // Now.
  std::size_t entries = 0;
  std::size_t bytes = 0;
};

// Thread-safe. The same calls leave the same entries on every machine.
class Lru {
 public:
  // `clock` outlives this.
  Lru(const Clock& clock, const LruOptions& options);
  ~Lru();

  Lru(const Lru&) = delete;
  Lru& operator=(const Lru&) = delete;

  // Null where there is none, or its time is over.
  Value Get(std::string_view key);
  // The same, but neither counted nor a use.
  [[nodiscard]] Value Peek(std::string_view key) const;

  // Replaces what was there. `ttl`: kNever, or how long from now.
  void Put(std::string_view key, Value value, Nanos ttl = kNever);
  // False where there was none.
  bool Erase(std::string_view key);
  void Clear();

  // For values that take a while to get: Epoch, get it, Fill. A Fill is left
  // out, and false, if the key has been put or erased since (or, rarely,
  // another that shares its epoch).
  [[nodiscard]] std::uint64_t Epoch(std::string_view key) const;
  bool Fill(std::string_view key, Value value, Nanos ttl, std::uint64_t epoch);

  [[nodiscard]] LruStatistics statistics() const;

 private:
  class Shard;

  // The shard, and the hash that found it.
  struct Place {
    Shard& shard;
    std::size_t hash;
  };
  [[nodiscard]] Place PlaceOf(std::string_view key) const;
  [[nodiscard]] Nanos Expiry(Nanos ttl) const;

  const Clock& clock_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace perfrig::cache

#endif  // PERFRIG_SERVER_CACHE_LRU_H_
