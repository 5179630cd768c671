// A second tier in memory that a test can delay, break and look into.
#ifndef PERFRIG_TESTS_UNIT_SERVER_CACHE_FAKE_TIER_H_
#define PERFRIG_TESTS_UNIT_SERVER_CACHE_FAKE_TIER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/delay_queue.h"
#include "server/cache/second_tier.h"

namespace perfrig::cache {

// For one thread. Takes effect when it answers.
class FakeTier final : public SecondTier {
 public:
  explicit FakeTier(const Clock& clock, DelayQueue& delays)
      : clock_(clock), delays_(delays) {}

  void Get(std::string key, Nanos deadline,
           PendingPtr<absl::StatusOr<Value>> pending) override {
    Answer<absl::StatusOr<Value>>(
        deadline, pending, [this, key]() -> absl::StatusOr<Value> {
          const auto at = values.find(key);
          return at == values.end() ? nullptr : at->second;
        });
  }
  void Put(std::string key, Value value, Nanos, Nanos deadline,
           PendingPtr<absl::Status> pending) override {
    Answer<absl::Status>(deadline, pending, [this, key, value] {
      values[key] = value;
      return absl::OkStatus();
    });
  }
  void Delete(std::string key, Nanos deadline,
              PendingPtr<absl::Status> pending) override {
    Answer<absl::Status>(deadline, pending, [this, key] {
      values.erase(key);
      return absl::OkStatus();
    });
  }

  std::map<std::string, Value> values;
  Nanos delay = 2 * kMillisecond;
  bool dead = false;
  std::uint64_t asked = 0;
  std::uint64_t withdrawn = 0;

 private:
  template <class T>
  void Answer(Nanos deadline, const PendingPtr<T>& pending,
              std::function<T()> act) {
    ++asked;
    if (dead) {
      pending->Answer(T(absl::UnavailableError("dead")));
      return;
    }
    const Nanos due = clock_.Now() + delay;
    const auto timer = delays_.Schedule(
        std::min(due, deadline), [pending, act, late = due > deadline] {
          pending->Answer(late ? T(absl::DeadlineExceededError("late"))
                               : act());
        });
    pending->OnWithdraw([this, timer] {
      ++withdrawn;
      delays_.Cancel(timer);
    });
  }

  const Clock& clock_;
  DelayQueue& delays_;
};

}  // namespace perfrig::cache

#endif  // PERFRIG_TESTS_UNIT_SERVER_CACHE_FAKE_TIER_H_
