// Where the processes of a test's targets spend their CPU time.
#ifndef PERFRIG_SERVER_RUNS_TEST_PROFILE_H_
#define PERFRIG_SERVER_RUNS_TEST_PROFILE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "server/resources/cpu_profiler.h"
#include "server/runs/reached_targets.h"

namespace perfrig::runs {

class TestProfile {
 public:
  // Samples from now on: the spawned processes among the targets, and this one
  // where some of them are its own. `clock` and `targets` outlive this.
  static absl::StatusOr<std::unique_ptr<TestProfile>> Begin(
      Clock& clock, const ReachedTargets& targets);

  // Folded stacks of all of them. Once.
  absl::StatusOr<std::vector<std::string>> End();

 private:
  TestProfile(SpawnedTargets* spawned,
              std::unique_ptr<resources::CpuProfiler> own)
      : spawned_(spawned), own_(std::move(own)) {}

  // Null where there are none.
  SpawnedTargets* const spawned_;
  const std::unique_ptr<resources::CpuProfiler> own_;
};

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_TEST_PROFILE_H_
