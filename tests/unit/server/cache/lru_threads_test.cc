#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/time/clock.h"
#include "server/cache/lru.h"

namespace perfrig::cache {
namespace {

TEST(LruThreadsTest, StaysWithinItsBytesAndMixesUpNothing) {
  constexpr std::size_t kMaxBytes = 200'000;
  SystemClock clock;
  Lru lru(clock, {.max_bytes = kMaxBytes, .shards = 4});
  std::atomic<int> wrong = 0;
  std::atomic<std::uint64_t> gets = 0;

  std::vector<std::thread> threads;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    threads.emplace_back([&, seed] {
      std::mt19937_64 random(seed);
      for (int i = 0; i < 20'000; ++i) {
        const std::string key = absl::StrCat("key", random() % 500);
        switch (random() % 10) {
          case 0:
            lru.Erase(key);
            break;
          case 1:
            lru.Fill(key, MakeValue(key + "!"), kNever, lru.Epoch(key));
            break;
          case 2:
          case 3:
            lru.Put(key, MakeValue(key + std::string(random() % 2'000, '!')),
                    static_cast<Nanos>(random() % kMillisecond));
            break;
          default: {
            ++gets;
            const Value value = lru.Get(key);
            if (value != nullptr && !value->starts_with(key)) ++wrong;
          }
        }
        if (i % 100 == 0 && lru.statistics().bytes > kMaxBytes) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(wrong, 0);
  const LruStatistics statistics = lru.statistics();
  EXPECT_EQ(statistics.hits + statistics.misses, gets);
  EXPECT_GT(statistics.evicted, 0);
  lru.Clear();
  EXPECT_EQ(lru.statistics().bytes, 0);
}

}  // namespace
}  // namespace perfrig::cache
