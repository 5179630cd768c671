#include "common/time/delay_queue.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "common/time/timer_heap.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace perfrig {
namespace {

using ::testing::ElementsAre;

TEST(TimerHeapTest, GivesTheEarliestFirstAndKeepsTheOrderOfEquals) {
  TimerHeap heap;
  std::vector<int> ran;
  for (const auto& [due, name] : std::vector<std::pair<Nanos, int>>{
           {30, 3}, {10, 1}, {20, 2}, {10, 11}, {10, 12}}) {
    heap.Add(due, [&ran, name] { ran.push_back(name); });
  }

  while (!heap.empty()) heap.PopFirst()();

  EXPECT_THAT(ran, ElementsAre(1, 11, 12, 2, 3));
}

TEST(TimerHeapTest, FindsNothingUnderAnOldHandle) {
  TimerHeap heap;
  const auto first = heap.Add(1, [] {});

  EXPECT_NE(heap.Remove(first), nullptr);
  const auto second = heap.Add(1, [] {});

  EXPECT_EQ(heap.Remove(first), nullptr);
  EXPECT_EQ(heap.Remove(0), nullptr);
  EXPECT_NE(heap.Remove(second), nullptr);
  EXPECT_EQ(heap.NextDue(), kNever);
}

TEST(TimerHeapTest, StaysInOrderThroughRandomRemovals) {
  TimerHeap heap;
  std::mt19937_64 random(1);
  std::vector<std::pair<Nanos, TimerHeap::Handle>> kept;
  for (int i = 0; i < 20'000; ++i) {
    const Nanos due = static_cast<Nanos>(random() % 1'000'000);
    kept.emplace_back(due, heap.Add(due, [] {}));
    if (random() % 3 == 0) {
      const std::size_t victim = random() % kept.size();
      EXPECT_NE(heap.Remove(kept[victim].second), nullptr);
      kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(victim));
    }
  }

  std::sort(kept.begin(), kept.end());
  for (const auto& [due, handle] : kept) {
    ASSERT_EQ(heap.NextDue(), due);
    heap.PopFirst();
  }
  EXPECT_TRUE(heap.empty());
}

TEST(SystemDelayQueueTest, RunsCallbacksInOrderOfTimeAndNeverEarly) {
  const SystemClock clock;
  SystemDelayQueue delays(clock);
  const Nanos start = clock.Now();
  std::vector<int> ran;
  std::vector<Nanos> early;
  std::promise<void> done;

  for (const int ms : {12, 3, 9, 6}) {
    delays.Schedule(start + ms * kMillisecond, [&, ms] {
      ran.push_back(ms);
      if (clock.Now() < start + ms * kMillisecond) early.push_back(ms);
      if (ms == 12) done.set_value();
    });
  }
  done.get_future().wait();

  EXPECT_THAT(ran, ElementsAre(3, 6, 9, 12));
  EXPECT_TRUE(early.empty());
}

TEST(SystemDelayQueueTest, AnEarlierTimeWakesTheThread) {
  const SystemClock clock;
  SystemDelayQueue delays(clock);
  std::promise<void> soon;
  delays.Schedule(clock.Now() + 3600 * kSecond, [] {});

  delays.Schedule(clock.Now() + kMillisecond, [&] { soon.set_value(); });

  EXPECT_EQ(soon.get_future().wait_for(std::chrono::seconds(20)),
            std::future_status::ready);
}

TEST(SystemDelayQueueTest, CancelIsTrueExactlyWhereTheCallbackNeverRuns) {
  const SystemClock clock;
  constexpr int kTimers = 20'000;
  std::vector<std::atomic<int>> ran(kTimers);
  std::vector<char> cancelled(kTimers, 0);
  {
    SystemDelayQueue delays(clock);
    std::vector<DelayQueue::Handle> handles(kTimers);
    const Nanos start = clock.Now();
    for (int i = 0; i < kTimers; ++i) {
      handles[i] = delays.Schedule(start + i % 100 * (50 * kMicrosecond),
                                   [&ran, i] { ++ran[i]; });
    }
    std::thread other([&] {
      for (int i = 0; i < kTimers; i += 2) {
        cancelled[i] = delays.Cancel(handles[i]) ? 1 : 0;
      }
    });
    for (int i = 1; i < kTimers; i += 2) {
      cancelled[i] = delays.Cancel(handles[i]) ? 1 : 0;
    }
    other.join();
    std::promise<void> rest;
    delays.Schedule(clock.Now() + 10 * kMillisecond, [&] { rest.set_value(); });
    rest.get_future().wait();
  }

  for (int i = 0; i < kTimers; ++i) {
    ASSERT_EQ(ran[i] + cancelled[i], 1) << i;
  }
}

TEST(SystemDelayQueueTest, CallbacksMayScheduleAndCancel) {
  const SystemClock clock;
  SystemDelayQueue delays(clock);
  std::promise<bool> done;
  const auto later = delays.Schedule(clock.Now() + 3600 * kSecond, [] {});

  delays.Schedule(clock.Now(), [&] {
    delays.Schedule(clock.Now(), [&] { done.set_value(delays.Cancel(later)); });
  });

  EXPECT_TRUE(done.get_future().get());
}

TEST(SystemDelayQueueTest, HoldsAHundredThousandAndDropsThemAtItsEnd) {
  const SystemClock clock;
  const auto alive = std::make_shared<int>(0);
  {
    SystemDelayQueue delays(clock);
    for (int i = 0; i < 100'000; ++i) {
      delays.Schedule(clock.Now() + 3600 * kSecond, [alive] { ++*alive; });
    }
    EXPECT_GT(alive.use_count(), 100'000);
  }

  EXPECT_EQ(alive.use_count(), 1);
  EXPECT_EQ(*alive, 0);
}

TEST(SystemDelayQueueTest, TakesTimersFromManyThreads) {
  const SystemClock clock;
  SystemDelayQueue delays(clock);
  std::atomic<int> ran = 0;
  std::vector<std::thread> threads;
  threads.reserve(4);

  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5'000; ++i) {
        delays.Schedule(clock.Now() + (i * 7 + t) % 300 * kMicrosecond,
                        [&ran] { ++ran; });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::promise<void> last;
  delays.Schedule(clock.Now() + kMillisecond, [&] { last.set_value(); });
  last.get_future().wait();

  EXPECT_EQ(ran, 20'000);
}

}  // namespace
}  // namespace perfrig
