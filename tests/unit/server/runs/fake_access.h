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
  // Processes now, and whether they are alive.
  int spawned = 0;
  absl::Status alive;
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

class FakeSpawned final : public SpawnedTargets {
 public:
  FakeSpawned(std::size_t count, FakeTargets& targets) : targets_(targets) {
    for (std::size_t i = 0; i < count; ++i) {
      addresses_.push_back("spawned:" + std::to_string(i + 1));
    }
    targets_.spawned += static_cast<int>(count);
  }
  ~FakeSpawned() override {
    targets_.spawned -= static_cast<int>(addresses_.size());
  }

  const std::vector<std::string>& addresses() const override {
    return addresses_;
  }
  std::vector<pid_t> processes() const override { return {}; }
  absl::Status BeginProfile() override { return absl::OkStatus(); }
  absl::StatusOr<std::vector<std::string>> EndProfile() override {
    return std::vector<std::string>{"main;spawned 3"};
  }
  absl::Status Check() const override { return targets_.alive; }

 private:
  FakeTargets& targets_;
  std::vector<std::string> addresses_;
};

class FakeAccess final : public TargetAccess {
 public:
  explicit FakeAccess(Clock& clock, drivers::LocalFunctions functions)
      : clock_(clock), functions_(std::move(functions)) {}

  std::string WhyLacking(std::string_view need) const override {
    return need == "redis" ? "" : "no " + std::string(need);
  }
  absl::StatusOr<std::unique_ptr<SpawnedTargets>> Spawn(
      std::size_t count, const std::stop_token&) override {
    return std::make_unique<FakeSpawned>(count, targets);
  }
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
  std::unique_ptr<TargetControl> Control(const std::string& address, bool,
                                         const std::stop_token&) override {
    if (address == "foreign:1") return nullptr;
    return std::make_unique<FakeControl>(targets);
  }

  FakeTargets targets;

 private:
  Clock& clock_;
  const drivers::LocalFunctions functions_;
};

}  // namespace perfrig::runs

#endif  // PERFRIG_TESTS_UNIT_SERVER_RUNS_FAKE_ACCESS_H_
