// Makes load: runs one round of a test over its lanes and measures it.
#ifndef PERFRIG_SERVER_LOAD_GENERATOR_H_
#define PERFRIG_SERVER_LOAD_GENERATOR_H_

#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "perfrig/v1/suite.pb.h"
#include "server/drivers/driver.h"
#include "server/load/seconds_by_hiccup.h"
#include "server/load/tally.h"
#include "server/load/workload.h"

namespace perfrig::load {

// One population of a round.
struct Group {
  // Has been checked.
  v1::Load load;
  // Of the first iteration; later rounds go on where the last one ended.
  std::uint64_t first_sequence = 0;
};

// One round, ready to be made.
struct Round {
  // At least one; all at work from the same instant on.
  std::vector<Group> groups = std::vector<Group>(1);
  Nanos warmup = 0;
  Nanos grace = 30 * kSecond;
  // 0-based; changes the arrivals' random numbers.
  std::uint32_t number = 0;
  // Unary and streaming alike: the two outlive the round.
  drivers::DriverFactory* drivers = nullptr;
  WorkloadFactory* workloads = nullptr;
  // Second::steps is filled.
  bool seconds_by_step = false;
  // How long connections may take.
  Nanos connect_timeout = 10 * kSecond;
  // `local:` calls run flat out by nature: one lane a user, up to 64, so that
  // users contend for what they call.
  bool local = false;
  // The round ends when Now() passes this.
  Nanos time_limit_at = kNever;
  // Once it is requested no call starts any more, and the round ends when
  // those in flight have.
  std::stop_token enough = {};
};

// A call worth keeping: one of the slowest, or one that failed.
struct Sample {
  std::uint64_t sequence = 0;
  std::size_t step = 0;
  Nanos at = 0;  // planned, from the start of the round
  Nanos latency = 0;
  Nanos service = 0;
  int status = 0;
  std::string message;
  // From the trailer "perfrig-phases": "queue=1200,work=20000000" (ns).
  std::map<std::string, Nanos> phases;
};

// A second of a round, all lanes together; groups and steps pooled.
struct Second {
  // From the start of the round (warm-up included), of the second's end.
  Nanos elapsed = 0;
  bool warmup = false;
  // Calls done in this second (planned, dropped: planned in it).
  Tally tally;
  // The same by step, only where the round asks for it; without what the
  // warm-up planned.
  std::vector<Tally> steps;
  std::uint32_t in_flight = 0;
  std::uint32_t users = 0;
  double planned_rate = 0;
  Nanos worst_hiccup = 0;
};

// How the load of a group ended.
struct GroupEnd {
  // Length of the window for throughput, where it ends by time; less than
  // planned only if it was stopped.
  Nanos window = 0;
  bool ends_by_count = false;
  // First sequence number that was not used.
  std::uint64_t next_sequence = 0;
};

struct Measurement {
  // One for each step, all lanes and the whole round without warm-up.
  std::vector<Tally> steps;
  // One for each group.
  std::vector<GroupEnd> groups;
  // Seconds without warm-up, those together that the host disturbed alike:
  // see SecondsByHiccup.
  std::vector<SecondsAlike> seconds;
  std::vector<Sample> slowest;  // at most 10, slowest first
  std::vector<Sample> failed;   // at most 10, earliest first
  Histogram hiccups;
  // Highest share of a core that one lane used, 0 to 1.
  double lane_cpu = 0;
  std::uint32_t lanes = 0;
  drivers::Connections connections;
  // True if it was cancelled before its end.
  bool cancelled = false;
  // True if the time limit passed before its end.
  bool timed_out = false;
  // From the round's start, warm-up included, to its end.
  Nanos elapsed = 0;
};

struct GeneratorOptions {
  // Lanes for calls over a network, divided among the groups, of which each
  // has at least one. 0: half of the cores, at least 1.
  std::uint32_t lanes = 0;
};

class Generator {
 public:
  // `clock` outlives the generator.
  Generator(Clock& clock, GeneratorOptions options);

  // Makes the round; blocks until it is over. `on_second` (may be empty) is
  // called on the calling thread once a second with what all lanes counted; it
  // may take its time without slowing the lanes. Ends soon after `stop` is
  // requested: calls in flight are cancelled; CANCELLED where there were no
  // connections yet. Past the time limit it ends in the same way.
  // UNAVAILABLE if connections cannot be made.
  absl::StatusOr<Measurement> Run(
      const Round& round, const std::function<void(const Second&)>& on_second,
      const std::stop_token& stop);

 private:
  Clock& clock_;
  GeneratorOptions options_;
};

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_GENERATOR_H_
