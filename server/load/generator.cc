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
#include "server/load/seeds.h"
#include "server/load/start_gate.h"

namespace perfrig::load {
namespace {

// Contention is the point of local loads with many users; more threads than
// this only measure the scheduler.
constexpr std::uint32_t kMaxLocalLanes = 64;
// From the opening of the gate to the start, so that every lane is at its
// loop by then.
constexpr Nanos kHeadStart = 2 * kMillisecond;

// Of one of the round's groups.
std::uint32_t CountLanes(const Round& round, const v1::Load& load,
                         const LoadPlan& plan,
                         const GeneratorOptions& options) {
  const std::uint32_t callers = plan.closed() ? plan.users
                                : plan.model == LoadPlan::Model::kBurst
                                    ? std::max(load.burst(), load.sessions())
                                    : 0;
  if (round.local && callers > 0) return std::min(callers, kMaxLocalLanes);
  std::uint32_t lanes = options.lanes;
  if (lanes == 0) lanes = std::max(1U, std::thread::hardware_concurrency() / 2);
  lanes /= static_cast<std::uint32_t>(round.groups.size());
  if (callers > 0) lanes = std::min(lanes, callers);
  if (load.connections() > 0) lanes = std::min(lanes, load.connections());
  return std::max(1U, lanes);
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

drivers::Network NetworkOf(const v1::Load& load) {
  const auto& latency = load.network().latency();
  return {.latency = latency.seconds() * kSecond + latency.nanos(),
          .bytes_per_second = load.network().bytes_per_second()};
}

// Who makes which load.
struct Lineup {
  // By group.
  std::vector<LoadPlan> plans;
  // By group; null for those without sessions.
  std::vector<std::unique_ptr<SessionGate>> gates;
  // By lane; without an exchange.
  std::vector<LaneSetup> setups;
  // By lane.
  std::vector<std::size_t> group_of;
};

// Groups of a round and rounds of a test have no random number in common.
std::uint64_t PartOf(std::uint32_t round, std::size_t group) {
  return std::uint64_t{round} << 32 | group;
}

Lineup LineUp(Clock& clock, const Round& round, const GeneratorOptions& options,
              const std::stop_token& stop) {
  Lineup lineup;
  for (const Group& group : round.groups) {
    const std::uint64_t part = PartOf(round.number, lineup.plans.size());
    lineup.plans.push_back(
        MakeLoadPlan(group.load, round.warmup, part, group.first_sequence));
    const std::uint32_t sessions = lineup.plans.back().sessions;
    lineup.gates.push_back(
        sessions == 0 ? nullptr : std::make_unique<SessionGate>(sessions));
  }
  for (std::size_t i = 0; i < round.groups.size(); ++i) {
    const v1::Load& load = round.groups[i].load;
    const LoadPlan& plan = lineup.plans[i];
    const std::uint32_t lanes = CountLanes(round, load, plan, options);
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
      lineup.setups.push_back(
          {.clock = &clock,
           .plan = &plan,
           .stop = stop,
           .enough = round.enough,
           .place = static_cast<std::uint32_t>(lineup.setups.size()),
           .index = lane,
           .lanes = lanes,
           .connections = {.count = CountConnections(load, plan, lane, lanes),
                           .network = NetworkOf(load)},
           .sessions = lineup.gates[i].get(),
           .grace = round.grace,
           .time_limit_at = round.time_limit_at});
      lineup.group_of.push_back(i);
    }
  }
  return lineup;
}

// Everything of a round that several threads see. Made before the lanes'
// threads and gone after them.
struct Stage {
  Stage(const Lineup& all, std::size_t step_count, std::size_t metric_count)
      : lineup(all),
        steps(step_count),
        metrics(metric_count),
        exchange(static_cast<std::uint32_t>(all.setups.size()), step_count,
                 metric_count),
        gate(static_cast<std::uint32_t>(all.setups.size())),
        results(all.setups.size()) {}

  const Lineup& lineup;
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
    MergeConnections(std::move(result.connections), measurement.connections);
  }
  measurement.slowest = samples.slowest();
  measurement.failed = samples.failed();
}

// How each group's load ended.
void EndGroups(const Stage& stage, Measurement& measurement) {
  for (const LoadPlan& plan : stage.lineup.plans) {
    GroupEnd& end = measurement.groups.emplace_back();
    end.ends_by_count = true;
    if (plan.end != kNever) {
      end.window = std::max<Nanos>(
          0, std::min(measurement.elapsed, plan.end) - plan.warmup);
    }
  }
  for (std::size_t i = 0; i < stage.results.size(); ++i) {
    const LaneResult& result = stage.results[i];
    const std::size_t group = stage.lineup.group_of[i];
    GroupEnd& end = measurement.groups[group];
    const bool by_time = stage.lineup.plans[group].end != kNever;
    if (by_time && !result.ended_by_count) end.ends_by_count = false;
    end.next_sequence = std::max(end.next_sequence, result.next_sequence);
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
  HiccupLog hiccups(start + round.warmup);
  Collector collector({.clock = &clock,
                       .plans = &stage.lineup.plans,
                       .exchange = &stage.exchange,
                       .hiccups = &hiccups,
                       .on_second = &on_second,
                       .start = start,
                       .by_step = round.seconds_by_step},
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
  EndGroups(stage, measurement);
  return measurement;
}

}  // namespace

Generator::Generator(Clock& clock, GeneratorOptions options)
    : clock_(clock), options_(options) {}

absl::StatusOr<Measurement> Generator::Run(
    const Round& round, const std::function<void(const Second&)>& on_second,
    const std::stop_token& stop) {
  Lineup lineup = LineUp(clock_, round, options_, stop);
  std::vector<std::unique_ptr<Workload>> workloads;
  for (const LaneSetup& setup : lineup.setups) {
    workloads.push_back(
        round.workloads->Create(lineup.group_of[setup.place],
                                SeedOfPart(setup.plan->seed, setup.index)));
  }
  Stage stage(lineup, workloads.front()->steps(), workloads.front()->metrics());
  for (LaneSetup& setup : lineup.setups) {
    setup.exchange = &stage.exchange;
    auto lane =
        Lane::Create(setup, *round.drivers, std::move(workloads[setup.place]));
    if (!lane.ok()) return lane.status();
    stage.lanes.push_back(*std::move(lane));
  }
  return Perform(clock_, stage, round, on_second);
}

}  // namespace perfrig::load
