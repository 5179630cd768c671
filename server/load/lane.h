// One thread's part of a round. It owns everything it touches: its share of
// the schedule, its driver with the connections, its call slots, its recorder.
// Its loop: start what is due, wait for bytes until the next planned time,
// record what came. Closed and open loads are the same loop.
#ifndef PERFRIG_SERVER_LOAD_LANE_H_
#define PERFRIG_SERVER_LOAD_LANE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "common/time/timer_heap.h"
#include "server/drivers/driver.h"
#include "server/load/exchange.h"
#include "server/load/iteration_source.h"
#include "server/load/load_plan.h"
#include "server/load/recorder.h"
#include "server/load/retry.h"
#include "server/load/session_gate.h"
#include "server/load/workload.h"

namespace perfrig::load {

// What a lane is told. All that is pointed to outlives it.
struct LaneSetup {
  Clock* clock = nullptr;
  const LoadPlan* plan = nullptr;
  Exchange* exchange = nullptr;
  std::stop_token stop = {};
  // See Round.
  std::stop_token enough = {};
  // In the exchange.
  std::uint32_t place = 0;
  // Among those of its group, which share a plan.
  std::uint32_t index = 0;
  std::uint32_t lanes = 1;
  drivers::ConnectionPlan connections = {};
  // Only for sessions.
  SessionGate* sessions = nullptr;
  Nanos grace = 0;
  // On the clock.
  Nanos time_limit_at = kNever;
};

// What it has to tell at the end, beside its seconds.
struct LaneResult {
  Samples samples;
  // Highest share of a core used in a second, 0 to 1.
  double cpu = 0;
  drivers::Connections connections;
  std::uint64_t next_sequence = 0;
  // Every iteration that the load's count allows was started.
  bool ended_by_count = false;
  bool cancelled = false;
  bool timed_out = false;
};

class Lane final : private drivers::Observer {
 public:
  static absl::StatusOr<std::unique_ptr<Lane>> Create(
      const LaneSetup& setup, drivers::DriverFactory& drivers,
      std::unique_ptr<Workload> workload);

  // Makes the connections until `deadline`. On the lane's thread, as Run.
  absl::Status Connect(Nanos deadline);
  // Makes the lane's calls; the round starts at `start`. Returns when all is
  // over; what was counted has then gone to the exchange.
  LaneResult Run(Nanos start);

 private:
  // A call in flight, or memory for one: requests are kept, so that what is
  // constant in them need not be made again.
  struct CallSlot {
    Iteration iteration;
    std::vector<drivers::Request> requests;
    RecordedCall call;
    std::uint32_t affinity = 0;
    Nanos last_message = 0;
    std::string message;
    // From its first attempt to the end of its last one.
    bool in_flight = false;
    Attempts attempts;
    // Between two of these, when the driver knows nothing of it.
    bool pausing = false;
    // Of the whole call, while the request has what is left for an attempt.
    Nanos timeout = kNever;
    // Of a session: whether it counts as open, when its first message is
    // planned, and the answers since.
    bool open = false;
    Nanos first_message = 0;
    Nanos answers = 0;
  };

  Lane(const LaneSetup& setup, std::unique_ptr<Workload> workload);

  void OnMessage(drivers::Slot slot, std::string_view message,
                 Nanos at) override;
  void OnOpen(drivers::Slot slot) override;
  void OnDone(drivers::Slot slot, const drivers::Outcome& outcome) override;

  [[nodiscard]] Nanos Now() const { return setup_.clock->Now() - start_; }
  void Loop();
  // When the loop has to look again.
  [[nodiscard]] Nanos WakeUp() const;
  // When calls in flight have had their time; kNever while more may start.
  [[nodiscard]] Nanos GraceEnd() const;
  [[nodiscard]] bool Over() const;
  [[nodiscard]] bool MustStop();

  void EndIfEnough();
  void StartDue();
  void StartIteration(const PlannedIteration& planned);
  void StartCall(drivers::Slot slot, Nanos planned);
  void MarkOpen(CallSlot& slot);
  // Lets the sessions talk once all are open, those of other lanes too.
  void BeginSessions();
  void OnAnswer(drivers::Slot slot, Nanos at);
  // Whether the call is tried again after this outcome of an attempt.
  bool TryAgain(drivers::Slot slot, const drivers::Outcome& outcome);
  void StartAgain(drivers::Slot slot);
  // Makes the request again what it was for the first attempt.
  void EndAttempts(drivers::Slot slot);
  void EndIteration(drivers::Slot slot, Nanos at);
  drivers::Slot TakeSlot();
  void DropDue();
  void Drop(const PlannedIteration& planned);
  // Cancels what is in flight and counts it as unfinished.
  void GiveUp();

  void HandOver();
  void MeasureCpu();

  const LaneSetup setup_;
  const std::unique_ptr<IterationSource> source_;
  const std::unique_ptr<Workload> workload_;
  const std::uint32_t max_in_flight_;
  Recorder recorder_;
  // Of pauses between attempts.
  std::mt19937_64 random_;
  // Attempts that are to come, on the clock.
  TimerHeap attempts_;
  Judgement judgement_;
  std::vector<std::unique_ptr<CallSlot>> slots_;
  std::vector<drivers::Slot> free_;
  // Gone before the slots, whose requests it reads.
  std::unique_ptr<drivers::Driver> driver_;

  // On the clock; all other times are offsets from it.
  Nanos start_ = 0;
  // No call starts later; kNever if the load ends by count alone.
  Nanos end_ = kNever;
  // Of this turn of the loop.
  Nanos now_ = 0;
  Nanos next_hand_over_ = 0;
  Nanos last_start_ = 0;
  std::uint32_t in_flight_ = 0;
  // More was due than this turn of the loop could start.
  bool behind_ = false;
  bool giving_up_ = false;
  // Ended before its plan.
  bool enough_ = false;
  // The sessions have begun.
  bool talking_ = false;
  // At the last measurement of the thread's CPU time.
  Nanos measured_at_ = 0;
  Nanos cpu_time_ = 0;
  LaneResult result_;
};

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_LANE_H_
