// Cost of the generator's own steps, each beside its budget.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "common/stats/histogram.h"
#include "common/time/clock.h"
#include "server/load/arrivals.h"
#include "server/load/iteration_source.h"
#include "server/load/load_plan.h"
#include "server/load/recorder.h"

namespace perfrig {
namespace {

// Latencies around 20 ms, as a measured target has them.
std::vector<Nanos> Latencies() {
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> latency(16.8, 0.5);
  std::vector<Nanos> all(4096);
  for (Nanos& each : all) each = static_cast<Nanos>(latency(random));
  return all;
}

void RecordOneSample(benchmark::State& state) {
  const std::vector<Nanos> latencies = Latencies();
  Histogram histogram;
  std::size_t i = 0;
  while (state.KeepRunning()) {
    histogram.Record(latencies[i++ % latencies.size()]);
  }
  benchmark::DoNotOptimize(histogram.count());
  state.SetLabel("budget: 20 ns");
}
BENCHMARK(RecordOneSample);

// All that is counted of an ok call: six histograms, counters, samples.
void RecordOneCall(benchmark::State& state) {
  const std::vector<Nanos> latencies = Latencies();
  load::Recorder recorder(1, 0);
  recorder.SetWindow({});
  load::RecordedCall call{.planned = kSecond, .counted = true};
  load::Judgement judgement;
  judgement.ok = true;
  drivers::Outcome outcome;
  outcome.messages_sent = outcome.messages_received = 1;
  std::size_t i = 0;
  while (state.KeepRunning()) {
    ++call.sequence;
    call.planned += kMicrosecond;
    outcome.sent = call.planned + 15 * kMicrosecond;
    outcome.done = outcome.sent + latencies[i++ % latencies.size()];
    outcome.first = outcome.done;
    recorder.Planned(call);
    recorder.Done(call, outcome, judgement);
  }
  state.SetLabel("six samples, budget: 120 ns");
}
BENCHMARK(RecordOneCall);

void NextArrival(benchmark::State& state, v1::Arrivals kind) {
  load::Arrivals arrivals(
      {.profile = load::Profile::Hold(30'000, kNever), .kind = kind});
  while (state.KeepRunning()) benchmark::DoNotOptimize(arrivals.Next());
}
BENCHMARK_CAPTURE(NextArrival, constant, v1::CONSTANT);
BENCHMARK_CAPTURE(NextArrival, poisson, v1::POISSON);
BENCHMARK_CAPTURE(NextArrival, gamma, v1::GAMMA);

// A closed load's next iteration, with that many users waiting their turn.
void NextIterationOfUsers(benchmark::State& state) {
  v1::Load load;
  load.set_users(static_cast<std::uint32_t>(state.range(0)));
  const auto source = load::MakeSource(load::MakeLoadPlan(load, 0, 0, 0), 0, 1);
  load::PlannedIteration iteration;
  Nanos now = 0;
  while (state.KeepRunning()) {
    source->Take(now, iteration);
    source->Finish(iteration.user, ++now);
  }
}
BENCHMARK(NextIterationOfUsers)->Arg(10)->Arg(100)->Arg(10'000);

void MergeOneSecond(benchmark::State& state) {
  load::Tally second;
  for (const Nanos latency : Latencies()) {
    second.latency.Record(latency);
    second.latency_all.Record(latency);
    second.service.Record(latency);
  }
  load::Tally total;
  while (state.KeepRunning()) total.Merge(second);
}
BENCHMARK(MergeOneSecond);

}  // namespace
}  // namespace perfrig
