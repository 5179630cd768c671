// A mock target as the host sees it.
#ifndef PERFRIG_SERVER_TARGETS_TARGET_H_
#define PERFRIG_SERVER_TARGETS_TARGET_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/strings/field_problem.h"
#include "common/sync/mutex.h"
#include "common/time/clock.h"
#include "common/time/delay_queue.h"
#include "google/protobuf/struct.pb.h"
#include "perfrig/v1/behavior.pb.h"
#include "perfrig/v1/target.pb.h"
#include "server/targets/behavior/station.h"
#include "server/targets/script/elsewhere.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace perfrig::targets {

// What a target is before anybody configures it.
struct TargetKind {
  // Short, as in "targets/database".
  std::string_view name;
  // The gRPC service.
  std::string_view service;
  // What it stands for, one line.
  std::string_view title;
  v1::Behavior behavior;
};

// What all targets are made with; the first three outlive them.
struct TargetSetup {
  const Clock& clock;
  DelayQueue& delays;
  Elsewhere& elsewhere;
  bool allow_call_overrides = false;
  // Fields that are set stand in for those of the kind.
  v1::Behavior configured;
};

// Thread-safe.
class Target {
 public:
  virtual ~Target() = default;

  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  virtual grpc::Service* service() = 0;

  [[nodiscard]] std::string_view name() const { return kind_.name; }
  [[nodiscard]] bool allows_call_overrides() const {
    return allow_call_overrides_;
  }
  Station& station() { return station_; }
  Elsewhere& elsewhere() { return elsewhere_; }

  [[nodiscard]] v1::Target Describe(bool with_histograms);
  // As Host::Totals.
  [[nodiscard]] v1::Target DescribeTotals();
  // As Host::Update.
  absl::Status Update(const v1::UpdateBehaviorRequest& request, bool by_hand);
  void Reset();
  // What CheckOptions says of the default behavior.
  [[nodiscard]] std::vector<FieldProblem> CheckDefaults() const;
  // Ends all calls that wait, and every later one, as UNAVAILABLE.
  void Shutdown();

 protected:
  enum class Since { kReset, kStart };

  Target(TargetKind kind, const TargetSetup& setup);

  // Of the behavior in force.
  [[nodiscard]] std::uint64_t seed() const { return seed_; }

 private:
  // Takes over the options of a behavior that has passed the checks; with every
  // change and reset, the first before any call. Must not call this back.
  virtual void Configure(const v1::Behavior& /*behavior*/) {}
  // After that, with a change: the fields of it that `change` sets or brings
  // back to their defaults, for what begins when it is asked for.
  virtual void Begin(const v1::Behavior& /*change*/,
                     const std::vector<std::string>& /*fields*/) {}
  // What is wrong with options that are in their ranges, for example that they
  // need something that the daemon was not given.
  virtual void CheckOptions(const v1::Behavior& /*behavior*/,
                            std::vector<FieldProblem>& /*problems*/) const {}
  // What of it the station is to carry out.
  [[nodiscard]] virtual v1::Behavior ForStation(
      const v1::Behavior& behavior) const {
    return behavior;
  }
  // What the target keeps between calls; nothing where it keeps nothing.
  virtual void ClearState() {}
  virtual void DescribeState(google::protobuf::Struct& /*state*/) {}
  // Fields that the target counts beside its calls.
  virtual void DescribeOwn(Since /*since*/,
                           v1::TargetStatistics& /*statistics*/) {}
  // At the shutdown: ends what goes on without a call.
  virtual void Close() {}

  // Options are those of this target.
  void CheckOwn(const v1::UpdateBehaviorRequest& request,
                std::vector<FieldProblem>& problems) const;
  // All but the statistics.
  [[nodiscard]] v1::Target DescribeWithoutStatistics();

  const TargetKind kind_;
  const v1::Behavior default_behavior_;
  const bool allow_call_overrides_;
  Station station_;
  Elsewhere& elsewhere_;
  std::atomic<std::uint64_t> seed_;

  // For the whole of a change, so that the target and its station are told the
  // same in the same order.
  Mutex changing_;
  Mutex mutex_;
  v1::Behavior behavior_ PERFRIG_GUARDED_BY(mutex_);
  bool changed_ PERFRIG_GUARDED_BY(mutex_) = false;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_TARGET_H_
