// Samples where the threads of this process spend their CPU time.
//
//   auto profiler = CpuProfiler::Start(clock);
//   …
//   for (const std::string& line : (*profiler)->Stop()) …
//
// Each thread has a timer of its own, which counts the thread's CPU time and
// interrupts it 99 times a second; its handler writes the stack where it finds
// room, without a lock and without memory of its own. A thread of the profiler
// counts the stacks, and gives new threads their timers.
#ifndef PERFRIG_SERVER_RESOURCES_CPU_PROFILER_H_
#define PERFRIG_SERVER_RESOURCES_CPU_PROFILER_H_

#include <sys/types.h>
#include <time.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/sync/mutex.h"
#include "common/time/clock.h"

namespace perfrig::resources {

class CpuProfiler {
 public:
  // UNAVAILABLE with the reason where the system does not permit it.
  static absl::Status Permitted();
  // Samples from now on. FAILED_PRECONDITION where another one does,
  // UNAVAILABLE as Permitted. `clock` outlives this.
  static absl::StatusOr<std::unique_ptr<CpuProfiler>> Start(Clock& clock);
  ~CpuProfiler();

  CpuProfiler(const CpuProfiler&) = delete;
  CpuProfiler& operator=(const CpuProfiler&) = delete;

  // What was seen: folded stacks below the names of their threads, most
  // frequent first, at most 2,000. Once.
  std::vector<std::string> Stop();

 private:
  // Innermost frame first.
  using Stack = std::vector<std::uintptr_t>;

  explicit CpuProfiler(Clock& clock);

  void Run();
  // Gives a timer to each thread that has none.
  absl::Status FollowThreads();
  // Takes the samples that were written so far.
  void Collect();
  void EndTimers();

  Clock& clock_;
  // By thread; all of these are the profiler's thread's, while it runs.
  std::map<pid_t, timer_t> timers_;
  std::map<pid_t, std::string> names_;
  std::map<std::pair<pid_t, Stack>, std::uint64_t> stacks_;
  Mutex mutex_;
  CondVar stopped_changed_;
  bool stopped_ PERFRIG_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace perfrig::resources

#endif  // PERFRIG_SERVER_RESOURCES_CPU_PROFILER_H_
