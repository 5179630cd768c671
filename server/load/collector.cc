#include "server/load/collector.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace perfrig::load {
namespace {

// Lanes hand over every second; one that is this much behind (it is inside a
// long local call) is not waited for.
constexpr Nanos kPatience = 1500 * kMillisecond;
// A rest shorter than this is no second of its own.
constexpr Nanos kShortest = kSecond / 2;

template <typename T>
T Sum(const std::vector<T>& values) {
  return std::accumulate(values.begin(), values.end(), T{0});
}

}  // namespace

Collector::Collector(const Setup& setup, std::uint32_t lanes, std::size_t steps,
                     std::size_t metrics)
    : setup_(setup),
      steps_(steps, Tally(metrics)),
      counted_(metrics),
      in_flight_(lanes),
      users_(lanes) {
  second_.tally = Tally(metrics);
  if (setup.by_step) second_.steps = steps_;
}

void Collector::Follow() {
  std::vector<std::unique_ptr<LaneSecond>> seconds;
  while (setup_.exchange->Take(setup_.clock->Now() + kPatience, seconds)) {
    bool any = false;
    for (std::uint32_t lane = 0; lane < seconds.size(); ++lane) {
      if (seconds[lane] == nullptr) continue;
      any = true;
      Add(lane, *seconds[lane]);
      seconds[lane]->Clear();
      setup_.exchange->GiveBack(lane, std::move(seconds[lane]));
    }
    if (any) EndSecond();
  }
  const auto rests = setup_.exchange->TakeRests();
  for (std::uint32_t lane = 0; lane < rests.size(); ++lane) {
    Add(lane, *rests[lane]);
  }
  EndSecond();
  CloseKept();
}

void Collector::Add(std::uint32_t lane, const LaneSecond& lane_second) {
  second_.tally.Merge(lane_second.warmup);
  for (std::size_t step = 0; step < steps_.size(); ++step) {
    steps_[step].Merge(lane_second.steps[step]);
    counted_.Merge(lane_second.steps[step]);
    if (setup_.by_step) second_.steps[step].Merge(lane_second.steps[step]);
  }
  second_.elapsed = std::max(second_.elapsed, lane_second.elapsed);
  in_flight_[lane] = lane_second.in_flight;
  users_[lane] = lane_second.users;
}

void Collector::EndSecond() {
  const Nanos before = std::exchange(last_elapsed_, second_.elapsed);
  const bool warmup = second_.elapsed <= setup_.plans->front().warmup;
  second_.warmup = warmup;
  if (!warmup) std::swap(second_.tally, counted_);
  second_.in_flight = Sum(in_flight_);
  second_.users = Sum(users_);
  second_.planned_rate = 0;
  for (const LoadPlan& plan : *setup_.plans) {
    second_.planned_rate += plan.RateAt(second_.elapsed);
  }
  second_.worst_hiccup =
      setup_.hiccups->TakeWorst(setup_.start + second_.elapsed);
  if (!warmup) Keep(second_.elapsed - before);
  if (*setup_.on_second) (*setup_.on_second)(second_);
  second_.tally.Clear();
  for (Tally& step : second_.steps) step.Clear();
  counted_.Clear();
}

void Collector::Keep(Nanos length) {
  if (length >= kShortest) CloseKept();
  open_.latency.Merge(second_.tally.latency);
  open_.latency_all.Merge(second_.tally.latency_all);
  open_.service.Merge(second_.tally.service);
  open_.worst_hiccup = std::max(open_.worst_hiccup, second_.worst_hiccup);
  used_ = true;
}

void Collector::CloseKept() {
  if (!std::exchange(used_, false)) return;
  kept_.Add(open_);
  open_.latency.Clear();
  open_.latency_all.Clear();
  open_.service.Clear();
  open_.worst_hiccup = 0;
}

void Collector::MoveInto(Measurement& measurement) {
  measurement.steps = std::move(steps_);
  measurement.seconds = kept_.Take();
}

}  // namespace perfrig::load
