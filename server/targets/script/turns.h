// Turns at something that only so many may have at once.
//
//   Turn turn;
//   CO_RETURN_IF_ERROR(co_await turns.Take(turn, stay.scope(), tenant, until));
//   …
#ifndef PERFRIG_SERVER_TARGETS_SCRIPT_TURNS_H_
#define PERFRIG_SERVER_TARGETS_SCRIPT_TURNS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/sync/mutex.h"
#include "common/time/clock.h"
#include "common/time/delay_queue.h"
#include "server/targets/script/scope.h"

namespace perfrig::targets {

class Turns;

// Gives back what it holds when it is destroyed.
class Turn {
 public:
  Turn() = default;
  Turn(Turn&& other) noexcept
      : turns_(std::exchange(other.turns_, nullptr)),
        key_(std::move(other.key_)),
        waited_(other.waited_) {}
  Turn& operator=(Turn&& other) noexcept {
    Give();
    turns_ = std::exchange(other.turns_, nullptr);
    key_ = std::move(other.key_);
    waited_ = other.waited_;
    return *this;
  }
  ~Turn() { Give(); }

  void Give();
  // Whether it had to be waited for.
  [[nodiscard]] bool waited() const { return waited_; }

 private:
  friend class Turns;

  Turn(Turns* turns, std::string key, bool waited)
      : turns_(turns), key_(std::move(key)), waited_(waited) {}

  // Null: holds nothing.
  Turns* turns_ = nullptr;
  std::string key_;
  bool waited_ = false;
};

// Thread-safe. Each key's scripts have their turns in order of arrival, and
// keys that wait take turns with each other, so that one with many scripts
// does not hold up those with few.
class Turns {
  class Taking;

 public:
  struct Limits {
    // 0: no limit.
    std::uint32_t turns = 0;
    std::uint32_t turns_of_key = 0;
    std::size_t waiting = 1'000;
  };
  struct Counts {
    std::uint64_t taken = 0;
    std::size_t waiting = 0;
  };

  // `clock` and `delays` outlive the turns; the callbacks of `delays` have
  // ended before this is destroyed.
  Turns(const Clock& clock, DelayQueue& delays)
      : clock_(clock), delays_(delays) {}

  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  // At once for those that wait; nobody loses a turn.
  void SetLimits(const Limits& limits);

  // Awaited at once; `turn` is empty, `scope` the script's. OK: `turn` has it.
  // RESOURCE_EXHAUSTED: none was free, and `until` has passed already or too
  // many wait. DEADLINE_EXCEEDED: it waited until then.
  Taking Take(Turn& turn, Scope& scope, std::string_view key, Nanos until);

  [[nodiscard]] Counts counts() const;

 private:
  friend class Turn;

  using Waiting = std::list<Taking*>;
  // There while it holds a turn or waits for one.
  struct Key {
    std::uint32_t taken = 0;
    Waiting waiting;
  };
  using Keys = std::map<std::string, Key, std::less<>>;

  // True: it completes at once, with its verdict.
  bool Begin(Taking& taking);
  bool Cancel(Taking& taking);
  void Fire(Taking& taking);
  void Give(const std::string& key);

  bool HasRoom(const Key& key) const PERFRIG_REQUIRES(mutex_);
  void Grant(Taking& taking) PERFRIG_REQUIRES(mutex_);
  void Dispatch() PERFRIG_REQUIRES(mutex_);
  void Unqueue(Taking& taking) PERFRIG_REQUIRES(mutex_);
  void DropIfIdle(Keys::iterator key) PERFRIG_REQUIRES(mutex_);
  // By the delay queue, so that scripts do not run inside one another.
  void CompleteSoon(Taking& taking) PERFRIG_REQUIRES(mutex_);

  const Clock& clock_;
  DelayQueue& delays_;

  mutable Mutex mutex_;
  Limits limits_ PERFRIG_GUARDED_BY(mutex_);
  Counts counts_ PERFRIG_GUARDED_BY(mutex_);
  Keys keys_ PERFRIG_GUARDED_BY(mutex_);
  // Keys that wait, the one whose turn is next first.
  std::list<Keys::iterator> round_ PERFRIG_GUARDED_BY(mutex_);
};

class Turns::Taking final : public Wait {
 private:
  friend class Turns;

  enum class State : std::uint8_t {
    kNew,
    // Among those that wait.
    kQueued,
    // Its verdict is known; the delay queue completes it in a moment.
    kEnding,
  };

  Taking(Turns& turns, Turn& turn, Scope& scope, std::string_view key,
         Nanos until)
      : Wait(scope), turns_(turns), turn_(turn), key_(key), until_(until) {}

  void Begin() override {
    if (turns_.Begin(*this)) Complete(std::move(verdict_));
  }
  bool Cancel() override { return turns_.Cancel(*this); }

  Turns& turns_;
  Turn& turn_;
  const std::string key_;
  const Nanos until_;

  // Guarded by the mutex of `turns_`.
  State state_ = State::kNew;
  absl::Status verdict_;
  DelayQueue::Handle timer_ = 0;
  // While it waits.
  Keys::iterator place_;
  Waiting::iterator order_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_SCRIPT_TURNS_H_
