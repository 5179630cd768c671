// One call's way through a Station.
#ifndef PERFRIG_SERVER_TARGETS_BEHAVIOR_VISIT_H_
#define PERFRIG_SERVER_TARGETS_BEHAVIOR_VISIT_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "common/time/clock.h"
#include "common/time/delay_queue.h"
#include "server/targets/behavior/compiled_behavior.h"
#include "server/targets/behavior/statistics.h"

namespace perfrig::targets {

class Station;

// Owned by the caller of the station, at the same address until it has left.
class Visit {
 public:
  Visit() = default;
  virtual ~Visit() = default;

  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  // Before it enters.
  void Override(CallOverride override) { override_ = override; }
  // Time that was spent elsewhere; by whoever runs the visit.
  void AddPhase(Phase phase, Nanos time) { phases_.Add(phase, time); }
  // The last delay that it worked for; while it does not wait.
  [[nodiscard]] Nanos drawn() const { return drawn_; }
  // When its last wait was to end.
  [[nodiscard]] Nanos due() const { return due_; }
  // Payload that the station counts as held by it; by whoever runs it.
  [[nodiscard]] std::uint64_t held_bytes() const { return held_bytes_; }
  // After it has left.
  [[nodiscard]] const PhaseTimes& phases() const { return phases_; }

 protected:
  // What it waits for, at the station or elsewhere, is over, and so is whatever
  // it would wait for later, because of `why`. Under a lock: must not resume
  // anything. True: GoOn follows, without it; false: it runs, or is about to be
  // resumed.
  virtual bool Interrupt(const absl::Status& why);
  virtual void GoOn(const absl::Status& why) { Resume(why); }

  // What was asked for last is over: go on, or, if `status` is an error, leave
  // with it. Runs without a lock, within the call that asked if there was
  // nothing to wait for, else on the thread of the delay queue or on the one
  // that ends the wait; must not block. May end this object's life.
  virtual void Resume(const absl::Status& status) = 0;

 private:
  friend class Station;

  enum class State : std::uint8_t {
    // Not waiting: whoever runs now owns the visit.
    kIdle,
    // For capacity.
    kQueued,
    // For a time.
    kTimed,
    // For nothing.
    kHanging,
    // Cancelled while its time had just come: it is resumed in a moment.
    kCancelling,
  };

  // Where among those that have come; guarded by their mutex.
  std::size_t index_ = 0;
  // The station's resets before it came; after the next, it counts no more.
  std::uint64_t round_ = 0;

  // All of what follows is guarded by the station's mutex while the visit
  // waits.
  Station* station_ = nullptr;
  std::optional<CallOverride> override_;
  std::shared_ptr<const CompiledBehavior> behavior_;
  // Of its behavior; null: nothing goes wrong.
  const FaultRule* fault_ = nullptr;
  Random random_;
  // Its place among those that wait, while it does.
  std::list<Visit*>::iterator place_;
  DelayQueue::Handle timer_ = 0;
  // What it is resumed with.
  absl::Status verdict_;
  // Why it waits for nothing more; OK: it may.
  absl::Status over_;

  // Its number among the arrivals; grows over resets, too.
  std::uint64_t order_ = 0;
  Nanos arrived_ = 0;
  Nanos wait_from_ = 0;
  Nanos due_ = 0;
  // The part of the wait that is a stall.
  Nanos stalled_ = 0;
  std::uint64_t held_bytes_ = 0;
  PhaseTimes phases_;

  double transfer_bytes_ = 0;
  Nanos extra_delay_ = 0;
  const DelaySampler* own_delay_ = nullptr;
  double share_ = 1;
  Nanos drawn_ = 0;
  // The work that begins as soon as it has its turn; 0: none.
  int work_times_ = 0;

  State state_ = State::kIdle;
  Phase phase_ = Phase::kQueue;
  Phase work_phase_ = Phase::kWork;
  bool keeps_own_delay_ = false;
  // It is among those that have come; by whoever runs the visit.
  bool has_come_ = false;
  bool stream_ = false;
  bool any_replica_ = false;
  // It is in a WaitUntilWoken; its next one ends at once.
  bool wakeable_ = false;
  // Its wait is a delay that was asked for.
  bool injected_ = false;
  bool woken_ = false;
  bool holds_capacity_ = false;
  bool timed_turn_ = false;
  bool fault_counted_ = false;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_BEHAVIOR_VISIT_H_
