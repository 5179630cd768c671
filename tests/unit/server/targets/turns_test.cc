#include "server/targets/script/turns.h"

#include <iterator>
#include <list>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/targets/behavior/random.h"
#include "server/targets/script/task.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_delay_queue.h"

namespace perfrig::targets {
namespace {

using ::testing::ElementsAre;

// A script that takes a turn and keeps it until it is told otherwise.
struct Taker {
  Scope scope;
  Turn turn;
  bool over = false;
  absl::Status status;
};

class TurnsTest : public ::testing::Test {
 protected:
  ~TurnsTest() override {
    for (Taker& taker : takers_) taker.scope.Cancel();
    Run();
  }

  static Task<absl::Status> Take(Turns& turns, Taker& taker, std::string key,
                                 Nanos until) {
    co_return co_await turns.Take(taker.turn, taker.scope, key, until);
  }
  // Notes `name` when it has its turn.
  Taker& Take(const std::string& name, const std::string& key = "",
              Nanos until = 1'000'000 * kSecond) {
    Taker& taker = takers_.emplace_back();
    Launch(Take(turns_, taker, key, until),
           [this, &taker, name](const absl::Status& status) {
             taker.status = status;
             taker.over = true;
             if (status.ok()) order_.push_back(name);
           });
    return taker;
  }
  void Run() { delays_.Advance(0); }

  FakeClock clock_;
  FakeDelayQueue delays_{clock_};
  Turns turns_{clock_, delays_};
  std::list<Taker> takers_;
  std::vector<std::string> order_;
};

TEST_F(TurnsTest, WhoFindsRoomGoesOnAtOnce) {
  turns_.SetLimits({.turns = 2});

  const Taker& first = Take("a");
  const Taker& second = Take("b");
  const Taker& third = Take("c");

  EXPECT_TRUE(first.over && second.over);
  EXPECT_FALSE(first.turn.waited());
  EXPECT_FALSE(third.over);
  EXPECT_EQ(turns_.counts().taken, 2);
  EXPECT_EQ(turns_.counts().waiting, 1);
}

TEST_F(TurnsTest, OneKeysTurnsComeInOrderOfArrival) {
  turns_.SetLimits({.turns = 1});
  Taker& first = Take("a");
  Taker& second = Take("b");
  Take("c");

  first.turn.Give();
  Run();
  EXPECT_TRUE(second.turn.waited());
  second.turn.Give();
  Run();

  EXPECT_THAT(order_, ElementsAre("a", "b", "c"));
}

TEST_F(TurnsTest, KeysThatWaitTakeTurns) {
  turns_.SetLimits({.turns = 1});
  std::vector<Taker*> takers = {
      &Take("x1", "x"), &Take("x2", "x"), &Take("x3", "x"), &Take("x4", "x"),
      &Take("y1", "y"), &Take("y2", "y"), &Take("z1", "z")};
  const std::vector<int> given = {0, 1, 4, 6, 2, 5, 3};

  for (const int index : given) {
    takers[static_cast<std::size_t>(index)]->turn.Give();
    Run();
  }

  EXPECT_THAT(order_, ElementsAre("x1", "x2", "y1", "z1", "x3", "y2", "x4"));
  EXPECT_EQ(turns_.counts().taken, 0);
}

TEST_F(TurnsTest, AKeyAtItsLimitHoldsUpNobodyElse) {
  turns_.SetLimits({.turns = 3, .turns_of_key = 1});
  Taker& first = Take("x1", "x");
  Take("x2", "x");
  Take("y1", "y");
  EXPECT_THAT(order_, ElementsAre("x1", "y1"));

  first.turn.Give();
  Run();

  EXPECT_THAT(order_, ElementsAre("x1", "y1", "x2"));
}

TEST_F(TurnsTest, WhoWaitsTooLongLeaves) {
  turns_.SetLimits({.turns = 1});
  Taker& first = Take("a");
  const Taker& second = Take("b", "", clock_.Now() + 5 * kSecond);

  delays_.Advance(5 * kSecond);
  first.turn.Give();
  Run();

  EXPECT_EQ(second.status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(order_, ElementsAre("a"));
  EXPECT_EQ(turns_.counts().taken, 0);
  EXPECT_EQ(turns_.counts().waiting, 0);
}

TEST_F(TurnsTest, WithoutTimeOrPlaceToWaitNobodyWaits) {
  turns_.SetLimits({.turns = 1, .waiting = 1});
  Take("a");

  EXPECT_EQ(Take("b", "", clock_.Now()).status.code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_FALSE(Take("c").over);
  EXPECT_EQ(Take("d").status.code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(TurnsTest, ACancelledScriptLeavesTheQueue) {
  turns_.SetLimits({.turns = 1});
  Taker& first = Take("a");
  Taker& second = Take("b");
  Take("c");

  second.scope.Cancel();
  EXPECT_EQ(second.status.code(), absl::StatusCode::kCancelled);
  first.turn.Give();
  Run();

  EXPECT_THAT(order_, ElementsAre("a", "c"));
}

TEST_F(TurnsTest, MoreRoomIsUsedAtOnceAndLessTakesNothingAway) {
  turns_.SetLimits({.turns = 1});
  Taker& first = Take("a");
  Take("b");
  Take("c");

  turns_.SetLimits({.turns = 3});
  Run();
  EXPECT_THAT(order_, ElementsAre("a", "b", "c"));
  turns_.SetLimits({.turns = 1});
  first.turn.Give();

  EXPECT_EQ(turns_.counts().taken, 2);
  EXPECT_FALSE(Take("d").over);
}

TEST_F(TurnsTest, NothingIsLostOverRandomInterleavings) {
  constexpr std::uint32_t kTurns = 4;
  turns_.SetLimits({.turns = kTurns, .turns_of_key = 3, .waiting = 20});
  Random random(7);

  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t choice = random.Next() % 5;
    if (choice < 2) {
      Take("", std::to_string(random.Next() % 4),
           clock_.Now() + static_cast<Nanos>(random.Next() % 50));
    } else if (choice == 2) {
      delays_.Advance(static_cast<Nanos>(random.Next() % 20));
    } else if (!takers_.empty()) {
      auto taker = takers_.begin();
      std::advance(taker, random.Next() % takers_.size());
      if (!taker->over) taker->scope.Cancel();
      if (taker->over) takers_.erase(taker);
    }
    takers_.remove_if(
        [](const Taker& taker) { return taker.over && !taker.status.ok(); });
    ASSERT_LE(turns_.counts().taken, kTurns);
    ASSERT_LE(turns_.counts().waiting, 20);
  }
  delays_.Advance(kSecond);
  takers_.clear();

  EXPECT_EQ(turns_.counts().taken, 0);
  EXPECT_EQ(turns_.counts().waiting, 0);
  EXPECT_EQ(delays_.pending(), 0);
}

}  // namespace
}  // namespace perfrig::targets
