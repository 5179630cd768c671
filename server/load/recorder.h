// Counts what a lane's calls did. One for each lane, used by its thread only:
// no lock, no atomic, nothing allocated for a call.
#ifndef PERFRIG_SERVER_LOAD_RECORDER_H_
#define PERFRIG_SERVER_LOAD_RECORDER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/time/clock.h"
#include "server/drivers/driver.h"
#include "server/load/retry.h"
#include "server/load/samples.h"
#include "server/load/tally.h"
#include "server/load/workload.h"

namespace perfrig::load {

// What a lane counted since it last handed over.
struct LaneSecond {
  LaneSecond(std::size_t step_count, std::size_t metrics)
      : steps(step_count, Tally(metrics)), warmup(metrics) {}

  // Keeps the memory.
  void Clear();

  // By step, of iterations planned after the warm-up.
  std::vector<Tally> steps;
  // All others, for the live view only.
  Tally warmup;
  // From the start of the round to the hand-over.
  Nanos elapsed = 0;
  std::uint32_t in_flight = 0;
  std::uint32_t users = 0;
};

// A call as the recorder wants to know it.
struct RecordedCall {
  std::uint64_t sequence = 0;
  std::size_t step = 0;
  Nanos planned = 0;
  bool counted = false;
  // When the attempt at hand was planned, where that is not the first one; the
  // ones before it, or null.
  Nanos attempt_planned = 0;
  const EarlierAttempts* earlier = nullptr;
};

class Recorder {
 public:
  // On the clock; calls that end in (from, to] are inside the window.
  struct Window {
    Nanos round_start = 0;
    Nanos from = 0;
    Nanos to = kNever;
  };

  Recorder(std::size_t steps, std::size_t metrics)
      : second_(std::make_unique<LaneSecond>(steps, metrics)) {}

  // Before the first call.
  void SetWindow(const Window& window) { window_ = window; }

  void Planned(const RecordedCall& call);
  // Planned before, never sent.
  void Dropped(const RecordedCall& call);
  // Could not be prepared.
  void Refused(const RecordedCall& call, const absl::Status& status);
  // A response message came `gap` after the one before it.
  void MessageGap(const RecordedCall& call, Nanos gap) {
    TallyOf(call).message_gap.Record(gap);
  }
  // The answer to a message of a session came.
  void Answered(const RecordedCall& call, Nanos latency) {
    TallyOf(call).message_latency.Record(latency);
  }
  // Another attempt starts after this pause.
  void Retried(const RecordedCall& call, Nanos pause) {
    Tally& tally = TallyOf(call);
    ++tally.retries;
    tally.backoff.Record(pause);
  }
  void Done(const RecordedCall& call, const drivers::Outcome& outcome,
            const Judgement& judgement);
  // Was never answered; `outcome` is what the driver made of it at the end.
  void Unfinished(const RecordedCall& call, const drivers::Outcome& outcome);

  // What has been counted; may be swapped for an empty one.
  std::unique_ptr<LaneSecond>& second() { return second_; }
  [[nodiscard]] const Samples& samples() const { return samples_; }

 private:
  Tally& TallyOf(const RecordedCall& call) {
    return call.counted ? second_->steps[call.step] : second_->warmup;
  }
  static void RecordSent(const RecordedCall& call,
                         const drivers::Outcome& outcome, Tally& tally);
  void RecordOk(const RecordedCall& call, const drivers::Outcome& outcome,
                bool good, Tally& tally);
  void KeepIfWorthIt(const RecordedCall& call, const drivers::Outcome& outcome,
                     bool ok, std::string_view reason);

  Window window_;
  std::unique_ptr<LaneSecond> second_;
  Samples samples_;
};

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_RECORDER_H_
