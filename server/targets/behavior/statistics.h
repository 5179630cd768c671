// What a target counts.
#ifndef PERFRIG_SERVER_TARGETS_BEHAVIOR_STATISTICS_H_
#define PERFRIG_SERVER_TARGETS_BEHAVIOR_STATISTICS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/stats/histogram.h"
#include "common/time/clock.h"
#include "perfrig/v1/target.pb.h"

namespace perfrig::targets {

// Where a call's time goes.
enum class Phase : std::uint8_t {
  // Waiting for capacity.
  kQueue,
  // The delay.
  kWork,
  // Moving bytes at the bandwidth.
  kTransfer,
  // Between the messages of a stream, where the caller asked for that, or is
  // the one who is waited for: all of a stream that is nothing else.
  kGap,
  // The target stands still.
  kStall,
  // Waiting for a connection of a pool.
  kPoolWait,
  // Opening a connection.
  kConnect,
  // Holding a connection, as long as the caller asked for.
  kHold,
  // A model at work, up to its first token.
  kFirstToken,
  // Whom the target itself asks, over a network.
  kProvider,
  // In what stands behind the target.
  kDatabase,
  kObjectStore,
  kChat,
  // The target's own work.
  kCache,
  kRender,
  kParse,
  kAuthorize,
};
inline constexpr std::size_t kPhases = 17;

// "queue", "work", …
std::string_view PhaseName(Phase phase);

// What one call waited for; nothing where it did not come to that.
class PhaseTimes {
 public:
  void Add(Phase phase, Nanos time) {
    Nanos& sum = times_.at(static_cast<std::size_t>(phase));
    sum = sum == kNone ? time : sum + time;
  }
  [[nodiscard]] std::optional<Nanos> at(Phase phase) const {
    const Nanos time = times_.at(static_cast<std::size_t>(phase));
    return time == kNone ? std::nullopt : std::optional<Nanos>(time);
  }
  // All of it.
  [[nodiscard]] Nanos Sum() const;
  // "queue=1200,work=20000000", in nanoseconds.
  [[nodiscard]] std::string ToString() const;

 private:
  // Smaller than an optional: each call that waits has one of these.
  static constexpr Nanos kNone = INT64_MIN;

  std::array<Nanos, kPhases> times_ = [] {
    std::array<Nanos, kPhases> none{};
    none.fill(kNone);
    return none;
  }();
};

// A value, not thread-safe. Started is always what has finished and what is
// in flight.
class Statistics {
 public:
  void Start() {
    ++started_;
    ++in_flight_;
  }
  void Finish(absl::StatusCode code, const PhaseTimes& phases);
  [[nodiscard]] std::uint64_t in_flight() const { return in_flight_; }
  void CountFault(std::string_view kind);
  void RecordInjected(Nanos delay) { injected_.Record(delay); }
  void RecordLateness(Nanos lateness) { lateness_.Record(lateness); }

  // Adds what `other` has counted, apart from what is in flight there.
  void AddFinished(const Statistics& other);

  // All but `waiting`.
  [[nodiscard]] v1::TargetStatistics ToProto(bool with_histograms) const;

 private:
  // A histogram takes 260 KB: only where something was recorded.
  class Times {
   public:
    void Record(Nanos time) {
      if (!histogram_.has_value()) histogram_.emplace();
      histogram_->Record(time);
    }
    void Add(const Times& other) {
      if (!other.histogram_.has_value()) return;
      if (!histogram_.has_value()) histogram_.emplace();
      histogram_->Merge(*other.histogram_);
    }
    [[nodiscard]] v1::Distribution ToProto(bool with_histogram) const;
    [[nodiscard]] bool empty() const { return !histogram_.has_value(); }

   private:
    std::optional<Histogram> histogram_;
  };

  std::uint64_t started_ = 0;
  std::uint64_t in_flight_ = 0;
  // By status code.
  std::array<std::uint64_t, 17> finished_{};
  std::map<std::string, std::uint64_t, std::less<>> faults_;
  Times injected_;
  Times lateness_;
  std::array<Times, kPhases> phases_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_BEHAVIOR_STATISTICS_H_
