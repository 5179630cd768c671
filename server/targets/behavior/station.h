// Where the calls of one target wait: capacity, queue, delays, faults, stalls
// and outages, and the statistics of all that. Knows nothing of gRPC.
//
//   struct Call : Visit {
//     void Resume(const absl::Status& status) override {
//       station.Leave(*this, status.code());
//     }
//   };
//   Station station(clock, delays, behavior);
//   station.Enter(call, {.work_times = 1});
//   …
//   if (station.Cancel(call)) station.Leave(call, kCancelled);
#ifndef PERFRIG_SERVER_TARGETS_BEHAVIOR_STATION_H_
#define PERFRIG_SERVER_TARGETS_BEHAVIOR_STATION_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/sync/mutex.h"
#include "common/time/clock.h"
#include "common/time/delay_queue.h"
#include "perfrig/v1/behavior.pb.h"
#include "perfrig/v1/target.pb.h"
#include "server/targets/behavior/compiled_behavior.h"
#include "server/targets/behavior/statistics.h"
#include "server/targets/behavior/visit.h"

namespace perfrig::targets {

// Thread-safe. Visits wait in order of arrival, but one that any replica may
// serve does not wait for those before it that need the primary, where only the
// primary has no place left. The next in the queue starts at the moment that
// the one before it was due, not at the later one at which it was seen to be
// done, so that lateness does not add up. What a visit draws depends on the
// seed and its number of arrival alone.
class Station {
 public:
  // In flight at once, and the payload that these hold together: whoever comes
  // then is refused with RESOURCE_EXHAUSTED.
  static constexpr std::uint64_t kMostCalls = 100'000;
  static constexpr std::uint64_t kMostBytes = 1'000'000'000;

  // What a visit wants when it has its turn.
  struct Request {
    // Draws of the delay that it works for right away; 0: none.
    int work_times = 0;
    // Payload that comes in, moved at the bandwidth before that, and held until
    // the visit leaves; it may hold it already.
    double transfer_bytes = 0;
    // Injected on top of that.
    Nanos extra_delay = 0;
    // A place of a replica will do, not only one of the primary's.
    bool any_replica = false;
    // Where the behavior has no delay; null: none. Outlives the visit.
    const DelaySampler* own_delay = nullptr;
    // The target's delay holds whatever the behavior says; a call can still
    // ask for another.
    bool keeps_own_delay = false;
    // The part of the delay that it works for; the caller waits for the rest,
    // having asked Visit::drawn() for the whole.
    double share = 1;
    // What the work counts as.
    Phase phase = Phase::kWork;
    // Drops are left to the caller, who knows when the first message is over.
    bool stream = false;
  };

  // `clock` and `delays` outlive the visits; the callbacks of `delays` have
  // ended before this is destroyed.
  Station(const Clock& clock, DelayQueue& delays, const v1::Behavior& behavior);

  Station(const Station&) = delete;
  Station& operator=(const Station&) = delete;

  // From now on, and until it leaves or goes, a reset or the shutdown ends
  // whatever the visit waits for, here or elsewhere. It comes by itself when it
  // enters.
  void Come(Visit& visit);
  // The opposite; for one that has not entered.
  void Go(Visit& visit);

  // Each of the next four resumes the visit, once, when the time has come,
  // unless Cancel takes it out before; one at a time for a visit.
  //
  // Takes a place, or is told why not. Whatever comes of it, the visit counts
  // as started and has to leave.
  void Enter(Visit& visit, const Request& request);
  // Works as Enter would have; whether it is a stream stays as it is.
  void Work(Visit& visit, const Request& request);
  // Waits until `due`.
  void WaitUntil(Visit& visit, Nanos due, Phase phase);
  // The same, or until Wake.
  void WaitUntilWoken(Visit& visit, Nanos due, Phase phase);

  // Ends the visit's WaitUntilWoken, or, where it is not in one, its next. On
  // any thread, and at any time after Enter.
  void Wake(Visit& visit);

  // True: the visit waited, waits no longer, and will not be resumed: the
  // caller lets it leave. False: it runs, or is about to be resumed with `why`.
  // From now on it waits for nothing more.
  bool Cancel(Visit& visit,
              const absl::Status& why = absl::CancelledError("cancelled"));

  // Frees what the visit holds, and counts it, as a refused one where it has
  // not entered. Not while it waits. With `keep_payload` that is held until
  // GiveBack.
  void Leave(Visit& visit, absl::StatusCode code, bool keep_payload = false);
  void GiveBack(Visit& visit);

  // False: the station was reset since the visit came.
  [[nodiscard]] bool Counts(const Visit& visit) const {
    return visit.round_ == round_;
  }

  // True: a call that came now has nothing to wait for and cannot go wrong; it
  // is counted as started and ended, and needs no visit.
  bool PassesAtOnce();

  // More payload that it holds until it leaves; after it has come, while it
  // does not wait.
  absl::Status Hold(Visit& visit, double bytes);
  // A delay that was injected elsewhere, for one of the calls or for none.
  void CountDelay(Nanos injected, Nanos lateness);

  // True if a stream of this visit breaks after its first message; counted as
  // a fault then.
  bool TakesDrop(Visit& visit);
  // Time that so many payload bytes of a visit that has entered take.
  [[nodiscard]] static Nanos TransferTime(const Visit& visit, double bytes);
  [[nodiscard]] static bool LimitsBandwidth(const Visit& visit);

  // What begins again with a new behavior; the rest goes on as it is.
  struct Restart {
    bool random = false;
    bool stall = false;
    bool outage = false;
  };
  // For visits that enter from now on; capacity at once.
  void SetBehavior(const v1::Behavior& behavior, const Restart& restart);
  // A new behavior and new statistics. All visits that have come are ended with
  // UNAVAILABLE, and, however long they take to leave, neither count nor hold
  // anything any more.
  void Reset(const v1::Behavior& behavior);
  // Ends all visits, and all later ones, with UNAVAILABLE.
  void Shutdown();

  // Since the last reset.
  [[nodiscard]] v1::TargetStatistics Snapshot(bool with_histograms) const;
  // The same since the start, whatever was reset; with histograms.
  [[nodiscard]] v1::TargetStatistics Totals() const;
  // Those in work at once at most, replicas included; 0: no limit.
  [[nodiscard]] std::uint64_t places() const;
  [[nodiscard]] const Clock& clock() const { return clock_; }

 private:
  using Visits = std::list<Visit*>;

  // These return true if the visit is to be resumed at once.
  bool Arrive(Visit& visit, const Request& request) PERFRIG_REQUIRES(mutex_);
  static void Ask(Visit& visit, const Request& request);
  bool Refuse(Visit& visit, absl::Status status) PERFRIG_REQUIRES(mutex_);
  static bool IsOver(Visit& visit);
  bool StartTurn(Visit& visit, Nanos start) PERFRIG_REQUIRES(mutex_);
  bool StartWork(Visit& visit, Nanos start) PERFRIG_REQUIRES(mutex_);
  bool StartWait(Visit& visit, Nanos start, Nanos due, Phase phase)
      PERFRIG_REQUIRES(mutex_);
  // Before that: the wait is a delay.
  void Inject(Visit& visit, Nanos delay) PERFRIG_REQUIRES(mutex_);
  absl::Status TakeBytes(Visit& visit, double bytes) PERFRIG_REQUIRES(mutex_);
  void ReturnBytes(Visit& visit) PERFRIG_REQUIRES(mutex_);

  bool HasRoom(const Visit& visit) const PERFRIG_REQUIRES(mutex_);
  Visits& QueueOf(const Visit& visit) PERFRIG_REQUIRES(mutex_);
  std::size_t Queued() const PERFRIG_REQUIRES(mutex_) {
    return primary_queue_.size() + any_queue_.size();
  }
  // The one that starts next; null: nobody waits who could.
  Visit* NextInTurn() PERFRIG_REQUIRES(mutex_);
  Nanos DrawDelay(Visit& visit) PERFRIG_REQUIRES(mutex_);
  void CountFault(Visit& visit, std::string_view kind) PERFRIG_REQUIRES(mutex_);
  void Schedule(Visit& visit) PERFRIG_REQUIRES(mutex_);
  void Dispatch(Nanos freed_at) PERFRIG_REQUIRES(mutex_);
  void EndWait(Visit& visit, Nanos now) PERFRIG_REQUIRES(mutex_);
  // Ends all that have come; those that the caller is to let go on, without the
  // lock.
  std::vector<Visit*> TakeAll(const absl::Status& why)
      PERFRIG_REQUIRES(coming_);

  void Fire(Visit& visit);
  static void ResumeNow(Visit& visit);

  const Clock& clock_;
  DelayQueue& delays_;

  // Before any other, since what ends a visit takes those of whatever it waits
  // for.
  Mutex coming_;
  std::vector<Visit*> visits_here_ PERFRIG_GUARDED_BY(coming_);
  // Counts resets; changes under both.
  std::atomic<std::uint64_t> round_ = 0;
  std::atomic<bool> ended_ = false;

  mutable Mutex mutex_;
  std::shared_ptr<const CompiledBehavior> behavior_ PERFRIG_GUARDED_BY(mutex_);
  std::uint64_t arrivals_ PERFRIG_GUARDED_BY(mutex_) = 0;
  // The same since the start.
  std::uint64_t visits_ PERFRIG_GUARDED_BY(mutex_) = 0;
  // Of all that have not left.
  std::uint64_t held_bytes_ PERFRIG_GUARDED_BY(mutex_) = 0;
  // Visits that have had their turn and have not left.
  std::uint64_t in_work_ PERFRIG_GUARDED_BY(mutex_) = 0;
  // Those of them that only the primary may serve.
  std::uint64_t at_primary_ PERFRIG_GUARDED_BY(mutex_) = 0;
  // For capacity, in order of arrival: the primary's, or that of any replica;
  // for a time, or for nothing.
  Visits primary_queue_ PERFRIG_GUARDED_BY(mutex_);
  Visits any_queue_ PERFRIG_GUARDED_BY(mutex_);
  Visits waiting_ PERFRIG_GUARDED_BY(mutex_);
  Statistics statistics_ PERFRIG_GUARDED_BY(mutex_);
  // From before the last reset; replaced, never changed, so that a reader
  // copies it without the lock.
  std::shared_ptr<const Statistics> earlier_ PERFRIG_GUARDED_BY(mutex_) =
      std::make_shared<const Statistics>();
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_BEHAVIOR_STATION_H_
