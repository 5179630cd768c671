// The cache of a target that reads through it.
//
//   CO_ASSIGN_OR_RETURN(const cache::Found found,
//                       co_await cache.GetOrRead(stay, key, [&] {
//                         return Read(stay, key);  // a Task of the bytes
//                       }));
#ifndef PERFRIG_SERVER_TARGETS_READ_CACHE_H_
#define PERFRIG_SERVER_TARGETS_READ_CACHE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/sync/mutex.h"
#include "common/time/clock.h"
#include "common/time/delay_queue.h"
#include "google/protobuf/struct.pb.h"
#include "perfrig/target/v1/caching.pb.h"
#include "perfrig/v1/target.pb.h"
#include "server/cache/single_flight.h"
#include "server/cache/value.h"
#include "server/targets/script/answers.h"
#include "server/targets/script/stay.h"
#include "server/targets/script/task.h"

namespace perfrig::targets {

// Who wants a value that somebody else is reading waits for that one, and
// shares its value, kept or not, or its error. Where that call is cancelled,
// one of those who wait reads for them. Thread-safe.
class ReadCache {
 public:
  using Read = std::function<Task<absl::StatusOr<std::string>>()>;

  // Both outlive this. Keeps nothing before it is configured.
  ReadCache(const Clock& clock, DelayQueue& delays);

  // Empty again where one of these has changed; hits and misses stay.
  void Configure(std::size_t bytes, Nanos ttl);
  // Empty, and its counts zero.
  void Clear();

  // What is kept (from the first tier), or what `read` gives or another's has
  // given (computed); that is kept unless the key was invalidated meanwhile.
  // Where nothing is ever kept, nobody waits for anybody.
  Task<absl::StatusOr<cache::Found>> GetOrRead(Stay& stay, std::string key,
                                               Read read);
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
  struct Kept;

  [[nodiscard]] std::shared_ptr<Kept> NewlyKept(std::size_t bytes,
                                                Nanos ttl) const;
  [[nodiscard]] std::shared_ptr<Kept> kept() const;
  // Waits for whoever reads `key`. Nothing was found: with `reading` set, the
  // caller is to read it, and to answer that; else it asks again.
  Task<absl::StatusOr<cache::Found>> Join(Stay& stay, Kept& kept,
                                          const std::string& key,
                                          cache::SingleFlight::Caller& reading);

  const Clock& clock_;
  DelayQueue& delays_;
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
