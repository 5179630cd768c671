#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/time/clock.h"
#include "common/time/delay_queue.h"
#include "server/cache/single_flight.h"

namespace perfrig::cache {
namespace {

// Callers come and withdraw on four threads while computations end on the delay
// queue's: each caller is answered or has withdrawn, with the right value.
TEST(SingleFlightThreadsTest, EachCallerIsAnsweredOnceOrHasWithdrawn) {
  constexpr int kCallers = 5'000;
  SystemClock clock;
  std::atomic<int> answered = 0;
  std::atomic<int> withdrawn = 0;
  std::atomic<int> wrong = 0;
  std::atomic<int> running = 0;
  std::atomic<int> twice = 0;
  SystemDelayQueue delays(clock);
  SingleFlight flights(delays);
  const auto compute = [&](const std::string& key) {
    return [&, key](const SingleFlight::Caller& computing) {
      ++running;
      delays.Schedule(clock.Now() + 50 * kMicrosecond, [&, key, computing] {
        --running;
        computing->Answer(Found{MakeValue(key), Source::kComputed});
      });
    };
  };

  std::vector<std::thread> threads;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    threads.emplace_back([&, seed] {
      std::mt19937_64 random(seed);
      for (int i = 0; i < kCallers; ++i) {
        const std::string key = absl::StrCat(random() % 3);
        auto times = std::make_shared<std::atomic<int>>(0);
        const auto caller = MakePending<SingleFlight::Result>(
            [&, key, times](const SingleFlight::Result& found) {
              if (++*times > 1) ++twice;
              if (!found.ok() || *found->value != key) ++wrong;
              ++answered;
            });
        flights.Join(key, caller, compute(key));
        if (random() % 3 == 0 && caller->Withdraw()) ++withdrawn;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  while (running > 0 || flights.statistics().waiting > 0) {
    std::this_thread::yield();
  }
  while (answered + withdrawn < 4 * kCallers) std::this_thread::yield();

  EXPECT_EQ(answered + withdrawn, 4 * kCallers);
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(twice, 0);
  EXPECT_GT(flights.statistics().shared, 0);
}

}  // namespace
}  // namespace perfrig::cache
