// Runs the tests of one run, one after the other, and tells what happens.
#ifndef PERFRIG_SERVER_RUNS_EXECUTOR_H_
#define PERFRIG_SERVER_RUNS_EXECUTOR_H_

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "common/time/clock.h"
#include "perfrig/v1/run.pb.h"
#include "server/load/generator.h"
#include "server/runs/ports.h"
#include "server/runs/selection.h"
#include "server/runs/test_runner.h"

namespace perfrig::runs {

// What the executor asks and tells while it works; on its own thread.
struct ExecutorHooks {
  // A test of the run has begun or ended. What changes in between, a snapshot
  // tells.
  std::function<void(const v1::Run&)> on_run;
  // Snapshots come with the histograms of their total.
  std::function<void(v1::RunEvent)> on_event;
};

class Executor {
 public:
  // The references outlive this.
  Executor(Clock& clock, load::Generator& generator, TargetAccess& access,
           std::stop_token stop, ExecutorHooks hooks);

  // Runs all tests of `selected`. `run` comes with state RUNNING and leaves
  // with results and verdict, still RUNNING. Targets are reset afterwards
  // whatever happens.
  void Execute(const std::vector<SelectedSuite>& selected,
               const v1::StartRunRequest& request, v1::Run& run);

 private:
  struct Work;

  absl::Status RefuseChangedTargets(const std::vector<SelectedSuite>& selected,
                                    bool reset);
  void SkipTest(Work& work, const v1::Suite& suite, const std::string& why,
                v1::TestResult& result);
  void RunTest(Work& work, const SelectedSuite& chosen, const v1::Test& test,
               v1::TestResult& result);
  void JudgeTest(const Work& work, const v1::Suite& suite, const v1::Test& test,
                 const TestOutcome& outcome, v1::TestResult& result) const;
  void JudgeWhatCanBe(Work& work);
  void Publish(Work& work, v1::RunEvent event);

  Clock& clock_;
  load::Generator& generator_;
  TargetAccess& access_;
  const std::stop_token stop_;
  const ExecutorHooks hooks_;
};

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_EXECUTOR_H_
