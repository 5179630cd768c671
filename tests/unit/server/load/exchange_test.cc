#include "server/load/exchange.h"

#include <memory>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace perfrig::load {
namespace {

std::unique_ptr<LaneSecond> SecondWith(std::uint64_t planned) {
  auto second = std::make_unique<LaneSecond>(1, 0);
  second->steps[0].planned = planned;
  return second;
}

TEST(ExchangeTest, ALaneGetsAnEmptySecondForAFullOne) {
  Exchange exchange(1, 1, 0);
  auto second = SecondWith(5);

  EXPECT_TRUE(exchange.Offer(0, second));

  EXPECT_EQ(second->steps[0].planned, 0U);
  std::vector<std::unique_ptr<LaneSecond>> taken;
  EXPECT_TRUE(exchange.Take(0, taken));
  ASSERT_NE(taken[0], nullptr);
  EXPECT_EQ(taken[0]->steps[0].planned, 5U);
}

TEST(ExchangeTest, ALaneKeepsCountingWhileTheCollectorIsSlow) {
  Exchange exchange(1, 1, 0);
  auto second = SecondWith(5);
  exchange.Offer(0, second);
  second->steps[0].planned = 7;

  EXPECT_FALSE(exchange.Offer(0, second));

  EXPECT_EQ(second->steps[0].planned, 7U);
  std::vector<std::unique_ptr<LaneSecond>> taken;
  exchange.Take(0, taken);
  EXPECT_FALSE(exchange.Offer(0, second));
  exchange.GiveBack(0, std::move(taken[0]));
  EXPECT_TRUE(exchange.Offer(0, second));
}

TEST(ExchangeTest, TheCollectorDoesNotWaitForALaneThatIsStuck) {
  Exchange exchange(2, 1, 0);
  auto second = SecondWith(5);
  exchange.Offer(1, second);

  std::vector<std::unique_ptr<LaneSecond>> taken;
  EXPECT_TRUE(exchange.Take(/*deadline=*/0, taken));

  EXPECT_EQ(taken[0], nullptr);
  EXPECT_NE(taken[1], nullptr);
}

TEST(ExchangeTest, ItEndsWhenAllLanesAreOver) {
  Exchange exchange(2, 1, 0);
  exchange.Finish(0, SecondWith(1));
  exchange.Finish(1, SecondWith(2));

  std::vector<std::unique_ptr<LaneSecond>> taken;
  EXPECT_FALSE(exchange.Take(kNever, taken));

  const auto rests = exchange.TakeRests();
  EXPECT_EQ(rests[0]->steps[0].planned, 1U);
  EXPECT_EQ(rests[1]->steps[0].planned, 2U);
}

TEST(ExchangeTest, NothingIsLostBetweenThreads) {
  constexpr int kCalls = 10'000;
  Exchange exchange(2, 1, 0);
  std::vector<std::thread> lanes;
  for (std::uint32_t lane = 0; lane < 2; ++lane) {
    lanes.emplace_back([&exchange, lane] {
      auto second = SecondWith(0);
      for (int i = 0; i < kCalls; ++i) {
        ++second->steps[0].planned;
        if (i % 10 == 0) exchange.Offer(lane, second);
      }
      exchange.Finish(lane, std::move(second));
    });
  }

  std::uint64_t planned = 0;
  std::vector<std::unique_ptr<LaneSecond>> taken;
  while (exchange.Take(kNever, taken)) {
    for (std::uint32_t lane = 0; lane < 2; ++lane) {
      if (taken[lane] == nullptr) continue;
      planned += taken[lane]->steps[0].planned;
      taken[lane]->Clear();
      exchange.GiveBack(lane, std::move(taken[lane]));
    }
  }
  for (const auto& rest : exchange.TakeRests()) {
    planned += rest->steps[0].planned;
  }
  for (std::thread& lane : lanes) lane.join();

  EXPECT_EQ(planned, 2U * kCalls);
}

}  // namespace
}  // namespace perfrig::load
