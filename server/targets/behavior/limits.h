// Limits of a key (a tenant, a user): a rate with a burst, or so many units in
// each window of time. Both answer with how long a refused call has to wait.
//
//   RateLimits limits(1'000);
//   const Nanos wait = limits.Take("tenant-1", {.per_second = 10, .burst = 5},
//                                  1, clock.Now());
//   if (wait > 0) return RetryAfter(wait);
#ifndef PERFRIG_SERVER_TARGETS_BEHAVIOR_LIMITS_H_
#define PERFRIG_SERVER_TARGETS_BEHAVIOR_LIMITS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/time/clock.h"
#include "server/targets/behavior/recent_keys.h"

namespace perfrig::targets {

// Keys with what each has left.
using Levels = std::vector<std::pair<std::string, double>>;

// Those with the least left, at most `most` of them, the least first.
Levels Least(Levels levels, std::size_t most);

// > 0 both.
struct Rate {
  double per_second = 0;
  // How many may come at once after a pause.
  double burst = 0;
};

// A token bucket a key. Remembers at most `most_keys` keys: one that gave way
// to others starts again with its whole burst. Not thread-safe.
class RateLimits {
 public:
  explicit RateLimits(std::size_t most_keys) : keys_(most_keys) {}

  // 0: taken. Else nothing was taken, and this is how long it takes until it
  // could be if nobody else took anything; kNever where `units` is more than
  // the burst. A new `rate` counts from the next call on. `now` never goes
  // back.
  Nanos Take(std::string_view key, const Rate& rate, double units, Nanos now);

  // What each could take at `now`.
  [[nodiscard]] Levels Left(const Rate& rate, Nanos now) const;

  void Clear() { keys_.Clear(); }
  [[nodiscard]] std::size_t size() const { return keys_.size(); }

 private:
  struct Bucket {
    [[nodiscard]] double UnitsAt(Nanos now, const Rate& rate) const;

    double units = -1;  // Less than 0: new.
    Nanos at = 0;
  };

  RecentKeys<Bucket> keys_;
};

// > 0 both.
struct Budget {
  std::uint64_t units = 0;
  Nanos window = 0;
};

// A key's window begins with the first that it takes, and the next one with the
// first after its end. Remembers at most `most_keys` keys: one that gave way to
// others has its whole budget again. Not thread-safe.
class WindowBudgets {
 public:
  explicit WindowBudgets(std::size_t most_keys) : keys_(most_keys) {}

  // 0: taken. Else nothing was taken, and this is how long the window still
  // lasts; kNever where `units` is more than a whole budget.
  Nanos Take(std::string_view key, const Budget& budget, std::uint64_t units,
             Nanos now);
  // What is left in the window of `now`.
  std::uint64_t Left(std::string_view key, const Budget& budget, Nanos now);
  // The same of each key.
  [[nodiscard]] Levels Left(const Budget& budget, Nanos now) const;

  void Clear() { keys_.Clear(); }
  [[nodiscard]] std::size_t size() const { return keys_.size(); }

 private:
  struct Window {
    [[nodiscard]] std::uint64_t LeftAt(Nanos now, const Budget& budget) const;

    // Over before the first.
    Nanos began = -kNever;
    std::uint64_t used = 0;
  };

  RecentKeys<Window> keys_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_BEHAVIOR_LIMITS_H_
