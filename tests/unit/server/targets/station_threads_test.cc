// A station under many threads and the real delay queue; what ThreadSanitizer
// looks at.
#include <atomic>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "common/time/clock.h"
#include "common/time/delay_queue.h"
#include "gtest/gtest.h"
#include "server/targets/behavior/station.h"

namespace perfrig::targets {
namespace {

class Call final : public Visit {
 public:
  Call(Station& station, std::atomic<int>& ended)
      : station_(station), ended_(ended) {}

  void Start() { station_.Enter(*this, {.work_times = 1}); }
  void Cancel() {
    if (station_.Cancel(*this)) End(absl::StatusCode::kCancelled);
  }

 private:
  void Resume(const absl::Status& status) override { End(status.code()); }
  void End(absl::StatusCode code) {
    EXPECT_FALSE(over_.exchange(true));
    station_.Leave(*this, code);
    ++ended_;
  }

  Station& station_;
  std::atomic<int>& ended_;
  std::atomic<bool> over_ = false;
};

v1::Behavior BehaviorNumber(int number) {
  v1::Behavior behavior;
  behavior.mutable_delay()->mutable_exponential()->set_nanos(
      static_cast<int>(50 * kMicrosecond));
  behavior.set_capacity(static_cast<std::uint32_t>(number % 4));
  behavior.set_queue_limit(100'000);
  if (number % 3 == 0) {
    v1::Fault& fault = *behavior.add_faults();
    fault.set_rate(0.1);
    fault.set_hang(true);
  }
  return behavior;
}

TEST(StationThreadsTest, EveryCallEndsOnceWhateverHappensAtTheSameTime) {
  constexpr int kThreads = 4;
  constexpr int kCalls = 3'000;
  const SystemClock clock;
  std::atomic<int> ended = 0;
  std::vector<std::vector<std::unique_ptr<Call>>> calls(kThreads);
  auto delays = std::make_unique<SystemDelayQueue>(clock);
  Station station(clock, *delays, BehaviorNumber(1));
  std::atomic<int> running = kThreads;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);

  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937_64 random(static_cast<std::uint64_t>(t));
      auto& own = calls[static_cast<std::size_t>(t)];
      for (int i = 0; i < kCalls; ++i) {
        own.push_back(std::make_unique<Call>(station, ended));
        own.back()->Start();
        if (i % 3 == 0) own[random() % own.size()]->Cancel();
      }
      --running;
    });
  }
  for (int i = 0; running > 0; ++i) {
    station.SetBehavior(BehaviorNumber(i),
                        {.random = i % 5 == 0, .stall = true, .outage = true});
    if (i % 50 == 0) station.Reset(BehaviorNumber(i));
    const v1::TargetStatistics now = station.Snapshot(i % 2 == 0);
    std::uint64_t finished = 0;
    for (const auto& [code, count] : now.finished()) finished += count;
    ASSERT_EQ(now.started(), finished + now.in_flight());
  }
  for (std::thread& thread : threads) thread.join();
  station.Shutdown();
  // Callbacks that had begun are over when the queue is gone.
  while (station.Snapshot(false).in_flight() > 0) std::this_thread::yield();
  delays.reset();

  EXPECT_EQ(ended, kThreads * kCalls);
}

}  // namespace
}  // namespace perfrig::targets
