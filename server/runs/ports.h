// What runs need from the rest of the daemon, handed in at its composition.
#ifndef PERFRIG_SERVER_RUNS_PORTS_H_
#define PERFRIG_SERVER_RUNS_PORTS_H_

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "perfrig/v1/suite.pb.h"
#include "perfrig/v1/target.pb.h"
#include "server/drivers/driver.h"
#include "server/suites/method_types.h"

namespace perfrig::runs {

// Looks after the mock targets behind one address. May block; called from the
// executor's thread only. Once the token that it was made with is requested to
// stop, List and Update end as CANCELLED, and Reset waits for a moment only.
class TargetControl {
 public:
  virtual ~TargetControl() = default;
  virtual absl::StatusOr<std::vector<v1::Target>> List() = 0;
  // Back to configured behavior, empty state. All targets.
  virtual absl::Status Reset() = 0;
  virtual absl::Status Update(const v1::BehaviorChange& change) = 0;
};

// Processes that host nothing but mock targets, for one test; they end when
// this goes. For one thread.
class SpawnedTargets {
 public:
  virtual ~SpawnedTargets() = default;
  // One for each process.
  virtual const std::vector<std::string>& addresses() const = 0;
  virtual std::vector<pid_t> processes() const = 0;
  // Samples where they spend their CPU time, until the end: folded stacks.
  virtual absl::Status BeginProfile() = 0;
  virtual absl::StatusOr<std::vector<std::string>> EndProfile() = 0;
  // Not OK, with the end of its log, where one has ended by itself.
  virtual absl::Status Check() const = 0;
};

// Everything that a test needs to reach its targets. What may block ends as
// CANCELLED soon after its `stop` is requested.
class TargetAccess {
 public:
  virtual ~TargetAccess() = default;
  // Thread-safe. Why something that tests may need ("redis", "profile") is not
  // there, naming the flag that would give it; empty where it is.
  virtual std::string WhyLacking(std::string_view need) const = 0;
  // Thread-safe; may ask a name server. "self" as the address of this daemon's
  // own target port; "spawn" as it is, to be given to Spawn; others as they
  // are. PERMISSION_DENIED naming
  // --allow-target where load may not go; INVALID_ARGUMENT where it is no
  // address.
  virtual absl::StatusOr<std::string> Resolve(std::string_view target,
                                              const std::stop_token& stop) = 0;
  // Processes that serve when it returns.
  virtual absl::StatusOr<std::unique_ptr<SpawnedTargets>> Spawn(
      std::size_t count, const std::stop_token& stop) = 0;
  // Calls to these resolved addresses, connections taking turns.
  virtual absl::StatusOr<std::unique_ptr<drivers::DriverFactory>> MakeDrivers(
      const std::vector<std::string>& addresses) = 0;
  // Functions of this process by name.
  virtual std::unique_ptr<drivers::DriverFactory> MakeLocalDrivers() = 0;
  // Method types of a target: built in for self, by reflection elsewhere; the
  // target is asked now and when a method is looked up.
  virtual absl::StatusOr<std::unique_ptr<suites::MethodTypes>> Types(
      const std::string& address, bool self, const std::stop_token& stop) = 0;
  // Null where the address hosts no mock targets.
  virtual std::unique_ptr<TargetControl> Control(
      const std::string& address, bool self, const std::stop_token& stop) = 0;
};

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_PORTS_H_
