// What is called, as a lane sees it: requests to send and answers to judge.
// The load path knows no suites, messages or templates.
#ifndef PERFRIG_SERVER_LOAD_WORKLOAD_H_
#define PERFRIG_SERVER_LOAD_WORKLOAD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/drivers/driver.h"
#include "server/load/retry.h"

namespace perfrig::load {

// One iteration at work. A lane keeps one for each slot and reuses it, so
// implementations may hang state on it (captured values).
struct Iteration {
  // 0, 1, 2, … over all lanes and rounds of a test: {{seq}}.
  std::uint64_t sequence = 0;
  // Which call is being made: 0 to steps − 1.
  std::size_t step = 0;
  // The user that makes it; 0 for open loads.
  std::uint32_t user = 0;
  // Values taken from earlier answers, by number.
  std::vector<std::string> captured;
};

// Times of a finished call, for conditions such as `call.latency < 200ms`.
struct CallTimes {
  Nanos planned = 0;
  Nanos sent = 0;
  Nanos first = 0;
  Nanos done = 0;
};

// An answer as it came; views are valid during Judge only.
struct Answer {
  CallTimes times;
  int status = 0;
  std::string_view status_message;
  // The last response message; empty where none came or none was wanted.
  std::string_view message;
  const std::vector<drivers::Header>* trailers = nullptr;
};

// What the workload makes of an answer.
struct Judgement {
  bool ok = false;
  // Ok, and as the test wants it for its goodput.
  bool good = false;
  // Why not ok, where the status alone does not say it ("check failed: …").
  std::string reason;
  struct Value {
    // Number of the observed metric, below Workload::metrics.
    std::size_t metric;
    double value;
  };
  std::vector<Value> observed;

  void Clear() {
    ok = false;
    good = false;
    reason.clear();
    observed.clear();
  }
};

// One for each lane, used by its thread only.
class Workload {
 public:
  virtual ~Workload() = default;
  // Number of calls that there are, at least 1.
  virtual std::size_t steps() const = 0;
  // Number of observed metrics.
  virtual std::size_t metrics() const = 0;
  // The step that the next iteration begins with.
  virtual std::size_t First() { return 0; }
  // The step that follows in the same iteration; steps() after the last.
  virtual std::size_t After(std::size_t step) const { return step + 1; }
  // Fills `request` for the iteration's step. `request` may hold what an
  // earlier call of the same step left in it: constant parts stay. A status
  // other than OK fails the call as INTERNAL without sending it.
  virtual absl::Status Prepare(Iteration& iteration,
                               drivers::Request& request) = 0;
  // Judges the answer of the iteration's step. `judgement` comes cleared.
  virtual void Judge(Iteration& iteration, const Answer& answer,
                     Judgement& judgement) = 0;
  // How the iteration's step is tried again; null: not at all.
  virtual const RetryPolicy* Retry(const Iteration& /*iteration*/) const {
    return nullptr;
  }
};

class WorkloadFactory {
 public:
  virtual ~WorkloadFactory() = default;
  // For a lane of the group; `seed` is of what is random in its data. Steps and
  // metrics are those of all groups.
  virtual std::unique_ptr<Workload> Create(std::size_t group,
                                           std::uint64_t seed) = 0;
};

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_WORKLOAD_H_
