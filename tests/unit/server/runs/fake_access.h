// Targets that are functions of this process, for tests of runs.
#ifndef PERFRIG_TESTS_UNIT_SERVER_RUNS_FAKE_ACCESS_H_
#define PERFRIG_TESTS_UNIT_SERVER_RUNS_FAKE_ACCESS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/drivers/local/local_driver.h"
#include "server/runs/ports.h"
#include "server/suites/method_types.h"

namespace perfrig::runs {

// What the mock targets were told.
struct FakeTargets {
  int resets = 0;
  bool changed_by_hand = false;
  std::vector<std::string> updates;
  // That came to the echo.
  std::uint64_t calls = 0;
};

class FakeControl final : public TargetControl {
 public:
  explicit FakeControl(FakeTargets& targets) : targets_(targets) {}

  absl::StatusOr<std::vector<v1::Target>> List() override {
    v1::Target target;
    target.set_name("targets/echo");
    target.set_changed(targets_.changed_by_hand);
    target.mutable_statistics()->set_started(targets_.calls);
    return std::vector<v1::Target>{target};
  }
  absl::Status Reset() override {
    ++targets_.resets;
    targets_.changed_by_hand = false;
    return absl::OkStatus();
  }
  absl::Status Update(const v1::BehaviorChange& change) override {
    targets_.updates.push_back(change.target());
    return absl::OkStatus();
  }

 private:
  FakeTargets& targets_;
};

class FakeAccess final : public TargetAccess {
 public:
  explicit FakeAccess(Clock& clock, drivers::LocalFunctions functions)
      : clock_(clock), functions_(std::move(functions)) {}

  absl::StatusOr<std::string> Resolve(std::string_view target,
                                      const std::stop_token&) override {
    if (target == "forbidden:1") {
      return absl::PermissionDeniedError("forbidden:1: --allow-target");
    }
    return std::string(target);
  }
  absl::StatusOr<std::unique_ptr<drivers::DriverFactory>> MakeDrivers(
      const std::vector<std::string>&) override {
    return absl::UnavailableError("no network here");
  }
  std::unique_ptr<drivers::DriverFactory> MakeLocalDrivers() override {
    return std::make_unique<drivers::LocalDriverFactory>(clock_, functions_);
  }
  absl::StatusOr<std::unique_ptr<suites::MethodTypes>> Types(
      const std::string&, bool, const std::stop_token&) override {
    return std::make_unique<suites::BuiltInMethodTypes>();
  }
  std::unique_ptr<TargetControl> Control(const std::string&, bool,
                                         const std::stop_token&) override {
    return std::make_unique<FakeControl>(targets);
  }

  FakeTargets targets;

 private:
  Clock& clock_;
  const drivers::LocalFunctions functions_;
};

}  // namespace perfrig::runs

#endif  // PERFRIG_TESTS_UNIT_SERVER_RUNS_FAKE_ACCESS_H_
