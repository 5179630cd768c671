#include "server/cache/backpressure.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_delay_queue.h"

namespace perfrig::cache {
namespace {

class BackpressureTest : public ::testing::Test {
 protected:
  // Whoever is in leaves in the end.
  void TearDown() override {
    while (backpressure_.statistics().in_flight > 0) backpressure_.Leave();
  }

  PendingPtr<absl::Status> Enter(int number) {
    auto pending = MakePending<absl::Status>([this, number](absl::Status s) {
      (s.ok() ? entered_ : refused_).push_back(number);
      last_ = std::move(s);
    });
    backpressure_.Enter(pending);
    return pending;
  }

  FakeClock clock_;
  FakeDelayQueue delays_{clock_};
  Backpressure backpressure_{
      clock_,
      delays_,
      {.max_in_flight = 2, .max_waiting = 3, .max_wait = 100 * kMillisecond}};
  std::vector<int> entered_;
  std::vector<int> refused_;
  absl::Status last_;
};

TEST_F(BackpressureTest, LetsInInOrderOfArrival) {
  for (int i = 0; i < 5; ++i) Enter(i);
  EXPECT_EQ(entered_, (std::vector{0, 1}));
  EXPECT_EQ(backpressure_.statistics().waiting, 3);

  clock_.Advance(kMillisecond);
  for (int i = 0; i < 3; ++i) backpressure_.Leave();

  EXPECT_EQ(entered_, (std::vector{0, 1, 2, 3, 4}));
  const BackpressureStatistics statistics = backpressure_.statistics();
  EXPECT_EQ(statistics.in_flight, 2);
  EXPECT_EQ(statistics.waited, 3);
  EXPECT_EQ(statistics.waited_for, 3 * kMillisecond);
  EXPECT_EQ(delays_.pending(), 0);
}

TEST_F(BackpressureTest, RefusesWhereTooManyWait) {
  for (int i = 0; i < 6; ++i) Enter(i);

  EXPECT_EQ(refused_, std::vector{5});
  EXPECT_TRUE(absl::IsResourceExhausted(last_)) << last_;
  EXPECT_EQ(backpressure_.statistics().refused, 1);
}

TEST_F(BackpressureTest, WaitsNoLongerThanAllowed) {
  for (int i = 0; i < 3; ++i) Enter(i);

  delays_.Advance(100 * kMillisecond - 1);
  EXPECT_TRUE(refused_.empty());
  delays_.Advance(1);

  EXPECT_EQ(refused_, std::vector{2});
  EXPECT_TRUE(absl::IsDeadlineExceeded(last_)) << last_;
  backpressure_.Leave();
  EXPECT_EQ(backpressure_.statistics().in_flight, 1);
  EXPECT_EQ(backpressure_.statistics().expired, 1);
}

TEST_F(BackpressureTest, WhoWithdrawsLeavesTheQueueAtOnce) {
  Enter(0);
  Enter(1);
  const auto left = Enter(2);
  Enter(3);

  EXPECT_TRUE(left->Withdraw());
  EXPECT_EQ(backpressure_.statistics().waiting, 1);
  EXPECT_EQ(delays_.pending(), 1);
  backpressure_.Leave();

  EXPECT_EQ(entered_, (std::vector{0, 1, 3}));
}

TEST_F(BackpressureTest, WhoHadWithdrawnBeforeTakesNoPlace) {
  const auto pending = MakePending<absl::Status>([](const auto&) { FAIL(); });
  pending->Withdraw();

  backpressure_.Enter(pending);

  EXPECT_EQ(backpressure_.statistics().in_flight, 0);
}

// Whatever comes, leaves, withdraws and expires: never more in than allowed,
// nobody lost, in order.
TEST_F(BackpressureTest, KeepsItsBoundsInAnyOrderOfEvents) {
  std::mt19937_64 random(7);
  std::vector<PendingPtr<absl::Status>> asked;
  int withdrawn = 0;
  std::size_t left = 0;

  for (int i = 0; i < 20'000; ++i) {
    switch (random() % 5) {
      case 0:
      case 1:
        asked.push_back(Enter(static_cast<int>(asked.size())));
        break;
      case 2:
        if (left < entered_.size()) {
          ++left;
          backpressure_.Leave();
        }
        break;
      case 3:
        if (!asked.empty()) {
          const std::size_t recent =
              std::min<std::size_t>(asked.size(), 1 + random() % 5);
          withdrawn += asked[asked.size() - recent]->Withdraw() ? 1 : 0;
        }
        break;
      default:
        delays_.Advance(static_cast<Nanos>(random() % (80 * kMillisecond)));
    }
    const BackpressureStatistics statistics = backpressure_.statistics();
    ASSERT_EQ(statistics.in_flight, entered_.size() - left);
    ASSERT_LE(statistics.in_flight, 2);
    ASSERT_LE(statistics.waiting, 3);
    ASSERT_EQ(delays_.pending(), statistics.waiting);
    ASSERT_EQ(entered_.size() + refused_.size() +
                  static_cast<std::size_t>(withdrawn) + statistics.waiting,
              asked.size());
  }
  EXPECT_TRUE(std::is_sorted(entered_.begin(), entered_.end()));
  EXPECT_GT(backpressure_.statistics().expired, 100);
}

}  // namespace
}  // namespace perfrig::cache
