// The cache of a target that reads through it.
//
//   CO_ASSIGN_OR_RETURN(ReadCache::Lookup lookup,
//                       co_await cache.Find(stay, key));
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

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/sync/mutex.h"
#include "common/time/clock.h"
#include "google/protobuf/struct.pb.h"
#include "perfrig/target/v1/caching.pb.h"
#include "perfrig/v1/target.pb.h"
#include "server/cache/value.h"
#include "server/targets/script/answers.h"
#include "server/targets/script/stay.h"
#include "server/targets/script/task.h"

namespace perfrig::targets {

// Who wants a value that somebody else is getting waits for that one.
// Thread-safe.
class ReadCache {
  class Kept;

 public:
  class Lookup {
   public:
    // Null where nothing is kept: this one is to get it, and others wait until
    // it is gone.
    cache::Value value;
    // Nobody was waited for.
    bool at_once = true;

    // Not if the key was invalidated since.
    void Keep(std::string bytes);

   private:
    friend class ReadCache;
    class Getting;

    Lookup(std::shared_ptr<Kept> kept, std::string key);

    // False: somebody else is at it.
    bool Look();

    std::shared_ptr<Kept> kept_;
    std::string key_;
    std::uint64_t epoch_ = 0;
    std::shared_ptr<Getting> getting_;
  };

  // `clock` outlives this. Keeps nothing before it is configured.
  explicit ReadCache(const Clock& clock);

  // Empty again where one of these has changed; hits and misses stay.
  void Configure(std::size_t bytes, Nanos ttl);
  // Empty, and its counts zero.
  void Clear();

  Task<absl::StatusOr<Lookup>> Find(Stay& stay, std::string key);
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
  [[nodiscard]] std::shared_ptr<Kept> kept() const;

  const Clock& clock_;
  Answers answers_;
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
