// Runs one lane on a clock that only its fake driver moves.
#ifndef PERFRIG_TESTS_UNIT_SERVER_LOAD_LANE_FIXTURE_H_
#define PERFRIG_TESTS_UNIT_SERVER_LOAD_LANE_FIXTURE_H_

#include <memory>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "server/load/lane.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_driver.h"
#include "tests/support/fake_workload.h"

namespace perfrig::load {

class LaneFixture : public testing::Test {
 protected:
  // Makes the round and adds up what the lane counted.
  void Run(const v1::Load& load, FakeTarget target, Nanos warmup = 0) {
    const LoadPlan plan = MakeLoadPlan(load, warmup, 0, 0);
    FakeDriverFactory drivers(clock_, std::move(target));
    auto workload = std::make_unique<FakeWorkload>(workload_options_);
    workload_ = workload.get();
    Exchange exchange(1, workload_options_.steps, workload_options_.metrics);
    const LaneSetup setup{.clock = &clock_,
                          .plan = &plan,
                          .exchange = &exchange,
                          .stop = stop_.get_token(),
                          .enough = enough_.get_token(),
                          .grace = grace_,
                          .time_limit_at = time_limit_at_};
    lane_ = *Lane::Create(setup, drivers, std::move(workload));
    ASSERT_TRUE(lane_->Connect(kNever).ok());
    start_ = clock_.Now();
    result_ = lane_->Run(start_);
    steps_.assign(workload_options_.steps, Tally(workload_options_.metrics));
    std::vector<std::unique_ptr<LaneSecond>> seconds;
    exchange.Take(0, seconds);
    if (seconds[0] != nullptr) Add(*seconds[0]);
    Add(*exchange.TakeRests()[0]);
  }

  const Tally& tally() const { return steps_[0]; }
  Nanos elapsed() const { return clock_.Now() - start_; }

  FakeClock clock_;
  FakeWorkloadOptions workload_options_;
  Nanos grace_ = 30 * kSecond;
  Nanos time_limit_at_ = kNever;
  std::stop_source stop_;
  std::stop_source enough_;
  std::unique_ptr<Lane> lane_;
  FakeWorkload* workload_ = nullptr;
  Nanos start_ = 0;
  LaneResult result_;
  std::vector<Tally> steps_;

 private:
  void Add(const LaneSecond& second) {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      steps_[i].Merge(second.steps[i]);
    }
  }
};

inline v1::Load Closed(std::uint32_t users, int seconds) {
  v1::Load load;
  load.set_users(users);
  if (seconds > 0) load.mutable_duration()->set_seconds(seconds);
  return load;
}

inline v1::Load Open(double rate, int seconds) {
  v1::Load load;
  load.set_rate(rate);
  load.mutable_duration()->set_seconds(seconds);
  return load;
}

}  // namespace perfrig::load

#endif  // PERFRIG_TESTS_UNIT_SERVER_LOAD_LANE_FIXTURE_H_
