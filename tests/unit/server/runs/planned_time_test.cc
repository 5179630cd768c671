#include "server/runs/planned_time.h"

#include "common/suites/planned_time.h"
#include "gtest/gtest.h"

namespace perfrig::runs {
namespace {

v1::Test TestOf(std::initializer_list<int> seconds) {
  v1::Test test;
  for (const int length : seconds) {
    v1::Load& load = *test.add_groups()->mutable_load();
    load.set_users(1);
    load.mutable_duration()->set_seconds(length);
  }
  return test;
}

TEST(PlannedTimeTest, IsThatOfTheLongestGroup) {
  v1::Test test = TestOf({20, 100, 30});
  test.mutable_warmup()->set_seconds(5);
  test.set_rounds(2);

  EXPECT_EQ(PlannedRound(test), 105 * kSecond);
  EXPECT_EQ(TimeLimit(test), 270 * kSecond);
}

TEST(PlannedTimeTest, AGroupThatEndsByCountHasNone) {
  v1::Test test = TestOf({20, 100});
  v1::Load& load = *test.mutable_groups(0)->mutable_load();
  load.clear_duration();
  load.set_iterations(10);

  EXPECT_EQ(PlannedRound(test), kNever);
  EXPECT_EQ(TimeLimit(test), 60 * kSecond);
}

TEST(PlannedTimeTest, ALoadMayTakeItsTimeToBecomeSteady) {
  v1::Test test = TestOf({20});
  test.set_warmup_auto(true);
  EXPECT_EQ(PlannedRound(test), 50 * kSecond);

  test.mutable_groups(0)->mutable_load()->clear_duration();
  test.set_rounds(3);
  EXPECT_EQ(TimeLimit(test), (60 + 3 * 30) * kSecond);
}

}  // namespace
}  // namespace perfrig::runs
