#include "server/load/generator.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "server/load/collector.h"
#include "server/load/exchange.h"
#include "server/load/hiccup_meter.h"
#include "server/load/lane.h"
#include "server/load/load_plan.h"
#include "server/load/start_gate.h"

namespace perfrig::load {
namespace {

// Contention is the point of local loads with many users; more threads than
// this only measure the scheduler.
constexpr std::uint32_t kMaxLocalLanes = 64;
// From the opening of the gate to the start, so that every lane is at its
// loop by then.
constexpr Nanos kHeadStart = 2 * kMillisecond;

std::uint32_t CountLanes(const Round& round, const LoadPlan& plan,
                         const GeneratorOptions& options) {
  const std::uint32_t callers = plan.closed() ? plan.users
                                : plan.model == LoadPlan::Model::kBurst
                                    ? round.load.burst()
                                    : 0;
  if (round.local && callers > 0) return std::min(callers, kMaxLocalLanes);
  std::uint32_t lanes = options.lanes;
  if (lanes == 0) lanes = std::max(1U, std::thread::hardware_concurrency() / 2);
  if (callers > 0) lanes = std::min(lanes, callers);
  if (round.load.connections() > 0) {
    lanes = std::min(lanes, round.load.connections());
  }
  return lanes;
}

std::uint32_t CountConnections(const v1::Load& load, const LoadPlan& plan,
                               std::uint32_t lane, std::uint32_t lanes) {
  std::uint64_t connections = 1;
  if (load.connection_per_user() && plan.closed()) {
    connections = LaneShare(plan.users, lane, lanes);
  } else if (load.connections() > 0) {
    connections = LaneShare(load.connections(), lane, lanes);
  }
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(1, connections));
}

// Everything of a round that several threads see. Made before the lanes'
// threads and gone after them.
struct Stage {
  Stage(const LoadPlan& load_plan, std::uint32_t lane_count,
        std::size_t step_count, std::size_t metric_count)
      : plan(load_plan),
        steps(step_count),
        metrics(metric_count),
        exchange(lane_count, step_count, metric_count),
        gate(lane_count),
        results(lane_count) {}

  const LoadPlan& plan;
  const std::size_t steps;
  const std::size_t metrics;
  Exchange exchange;
  StartGate gate;
  std::vector<std::unique_ptr<Lane>> lanes;
  // Each written by its lane's thread, read once that has been joined.
  std::vector<LaneResult> results;
};

void RunLane(Stage& stage, std::uint32_t index, Nanos connect_until) {
  MakeTimersPrecise();
  Lane& lane = *stage.lanes[index];
  const auto start = stage.gate.Arrive(lane.Connect(connect_until));
  if (start) stage.results[index] = lane.Run(*start);
}

void MergeConnections(drivers::Connections more, drivers::Connections& all) {
  all.made += more.made;
  all.reconnects += more.reconnects;
  all.connect_times.insert(all.connect_times.end(), more.connect_times.begin(),
                           more.connect_times.end());
}

// What the lanes had to tell at their end.
void MergeResults(std::vector<LaneResult>& results, Measurement& measurement) {
  Samples samples;
  for (LaneResult& result : results) {
    samples.Merge(result.samples);
    measurement.timed_out = measurement.timed_out || result.timed_out;
    measurement.cancelled = measurement.cancelled || result.cancelled;
    measurement.lane_cpu = std::max(measurement.lane_cpu, result.cpu);
    measurement.next_sequence =
        std::max(measurement.next_sequence, result.next_sequence);
    MergeConnections(std::move(result.connections), measurement.connections);
  }
  measurement.slowest = samples.slowest();
  measurement.failed = samples.failed();
}

// Length of the window that throughput speaks of.
void SetWindow(const Stage& stage, Measurement& measurement) {
  const LoadPlan& plan = stage.plan;
  bool all_by_count = true;
  for (const LaneResult& result : stage.results) {
    all_by_count = all_by_count && result.ended_by_count;
  }
  measurement.ends_by_count = plan.end == kNever || all_by_count;
  if (measurement.ends_by_count) {
    Nanos first = kNever;
    Nanos last = 0;
    for (const Tally& step : measurement.steps) {
      first = std::min(first, step.first_planned);
      last = std::max(last, step.last_done);
    }
    measurement.window = first == kNever ? 0 : std::max<Nanos>(0, last - first);
  } else {
    // Less than planned only if it was stopped.
    measurement.window = std::max<Nanos>(
        0, std::min(measurement.elapsed, plan.end) - plan.warmup);
  }
}

// Joins on every way out.
class LaneThreads {
 public:
  LaneThreads(Stage& stage, Nanos connect_until) {
    for (std::uint32_t i = 0; i < stage.lanes.size(); ++i) {
      threads_.emplace_back(RunLane, std::ref(stage), i, connect_until);
    }
  }
  ~LaneThreads() { Join(); }

  LaneThreads(const LaneThreads&) = delete;
  LaneThreads& operator=(const LaneThreads&) = delete;

  void Join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  std::vector<std::thread> threads_;
};

absl::StatusOr<Measurement> Perform(
    Clock& clock, Stage& stage, const Round& round,
    const std::function<void(const Second&)>& on_second) {
  LaneThreads threads(stage, clock.Now() + round.connect_timeout);
  const absl::Status connected = stage.gate.AwaitLanes();
  if (!connected.ok()) {
    stage.gate.Open(std::nullopt);
    return connected;
  }
  const Nanos start = clock.Now() + kHeadStart;
  HiccupLog hiccups(start + stage.plan.warmup);
  Collector collector({.clock = &clock,
                       .plan = &stage.plan,
                       .exchange = &stage.exchange,
                       .hiccups = &hiccups,
                       .on_second = &on_second,
                       .start = start},
                      static_cast<std::uint32_t>(stage.lanes.size()),
                      stage.steps, stage.metrics);
  {
    HiccupMeter meter(clock, hiccups);
    stage.gate.Open(start);
    collector.Follow();
  }
  threads.Join();
  Measurement measurement;
  collector.MoveInto(measurement);
  measurement.hiccups = hiccups.histogram();
  measurement.lanes = static_cast<std::uint32_t>(stage.lanes.size());
  measurement.elapsed = collector.elapsed();
  MergeResults(stage.results, measurement);
  SetWindow(stage, measurement);
  return measurement;
}

}  // namespace

Generator::Generator(Clock& clock, GeneratorOptions options)
    : clock_(clock), options_(options) {}

absl::StatusOr<Measurement> Generator::Run(
    const Round& round, const std::function<void(const Second&)>& on_second,
    const std::stop_token& stop) {
  const LoadPlan plan = MakeLoadPlan(round.load, round.warmup, round.number,
                                     round.first_sequence);
  const std::uint32_t lanes = CountLanes(round, plan, options_);
  std::vector<std::unique_ptr<Workload>> workloads;
  for (std::uint32_t i = 0; i < lanes; ++i) {
    workloads.push_back(round.workloads->Create(i));
  }
  const std::size_t steps = workloads.front()->steps();
  const std::size_t metrics = workloads.front()->metrics();

  Stage stage(plan, lanes, steps, metrics);
  for (std::uint32_t i = 0; i < lanes; ++i) {
    auto lane = Lane::Create(
        {.clock = &clock_,
         .plan = &plan,
         .exchange = &stage.exchange,
         .stop = stop,
         .index = i,
         .lanes = lanes,
         .connections = CountConnections(round.load, plan, i, lanes),
         .grace = round.grace,
         .time_limit_at = round.time_limit_at},
        *round.drivers, std::move(workloads[i]));
    if (!lane.ok()) return lane.status();
    stage.lanes.push_back(*std::move(lane));
  }
  return Perform(clock_, stage, round, on_second);
}

}  // namespace perfrig::load
