// A script's visit to a station.
#ifndef PERFRIG_SERVER_TARGETS_SCRIPT_STAY_H_
#define PERFRIG_SERVER_TARGETS_SCRIPT_STAY_H_

#include <variant>

#include "absl/status/status.h"
#include "server/targets/behavior/station.h"
#include "server/targets/behavior/visit.h"
#include "server/targets/script/scope.h"
#include "server/targets/script/task.h"

namespace perfrig::targets {

// Messages up to this size are not worth counting one by one.
inline constexpr double kLightMessage = 1'000;

// Has left when it is destroyed.
class Stay final : public Visit {
  class Step;

 public:
  // Both outlive this.
  Stay(Scope& scope, Station& station);
  ~Stay() override;

  Stay(const Stay&) = delete;
  Stay& operator=(const Stay&) = delete;

  // Each of these is awaited at once and gives a status: go on, or leave with
  // it. As the station's functions of these names.
  Step Enter(const Station::Request& request);
  Step Work(const Station::Request& request);
  // The delay, once.
  Step Work(const DelaySampler* own_delay);
  Step WaitUntil(Nanos due, Phase phase);
  Step WaitUntilWoken(Nanos due, Phase phase);
  // As long as these bytes take at the bandwidth.
  Step Transfer(double bytes);

  // As the station's.
  void Wake() { station_.Wake(*this); }

  // True if a stream breaks here, after its first message.
  bool TakesDrop() { return station_.TakesDrop(*this); }
  // As the station's.
  absl::Status Hold(double bytes) { return station_.Hold(*this, bytes); }
  // The same for a message in the place of the last one, of which the largest
  // had `most` bytes.
  absl::Status HoldLargest(double bytes, double& most);
  // As the station's; more payload than what is light is held until this is
  // destroyed, since gRPC has it until the call is over. What a unary call did
  // not wait for is the target's own work.
  void Leave(absl::StatusCode code);

  [[nodiscard]] Scope& scope() { return scope_; }
  [[nodiscard]] Station& station() { return station_; }
  [[nodiscard]] Nanos Now() const { return station_.clock().Now(); }
  [[nodiscard]] bool entered() const { return entered_; }
  // As the station's: what the target counts beside it is to be left alone.
  [[nodiscard]] bool counts() const { return station_.Counts(*this); }

 private:
  void Resume(const absl::Status& status) override;
  bool Interrupt(const absl::Status& why) override;
  void GoOn(const absl::Status& why) override;

  Scope& scope_;
  Station& station_;
  Step* step_ = nullptr;
  // What it was taken out of, until it goes on.
  Wait* taken_ = nullptr;
  const Nanos began_;
  bool entered_ = false;
  bool stream_ = false;
};

class Stay::Step final : public Wait {
 private:
  friend class Stay;

  struct Entering {
    Station::Request request;
  };
  struct Working {
    Station::Request request;
  };
  struct Waiting {
    Nanos due;
    Phase phase;
    bool wakeable;
  };
  using Kind = std::variant<Entering, Working, Waiting>;

  Step(Stay& stay, Kind kind) : Wait(stay.scope_), stay_(stay), kind_(kind) {}

  void Begin() override;
  bool Cancel() override { return stay_.station_.Cancel(stay_); }

  Stay& stay_;
  const Kind kind_;
};

// What `run` returns, which waits for nothing; its time counts as `phase`.
template <class Run>
auto Timed(Stay& stay, Phase phase, Run run) {
  const Nanos began = stay.Now();
  auto result = run();
  stay.AddPhase(phase, stay.Now() - began);
  return result;
}

// What `part` gives; its time counts as `phase`.
template <class T>
Task<T> Counted(Stay& stay, Phase phase, Task<T> part) {
  const Nanos began = stay.Now();
  T result = co_await std::move(part);
  stay.AddPhase(phase, stay.Now() - began);
  co_return result;
}

// Runs `script`, a function from a Stay to a Task of a status, as a visit to
// `other`; the time counts as `phase` of `stay`. A reset there ends that visit
// alone.
template <class Script>
Task<absl::Status> Through(Stay& stay, Station& other, Phase phase,
                           Script script) {
  Scope part(&stay.scope());
  Stay inner(part, other);
  const Nanos began = stay.Now();
  absl::Status status = co_await script(inner);
  inner.Leave(status.code());
  stay.AddPhase(phase, stay.Now() - began);
  co_return status;
}

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_SCRIPT_STAY_H_
