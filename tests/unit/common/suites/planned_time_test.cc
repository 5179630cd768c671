#include "common/suites/planned_time.h"

#include <gtest/gtest.h>

namespace perfrig {
namespace {

v1::Load Open(double rate, int seconds) {
  v1::Load load;
  load.set_rate(rate);
  load.mutable_duration()->set_seconds(seconds);
  return load;
}

v1::Load Counted(std::uint64_t iterations) {
  v1::Load load;
  load.set_users(5);
  load.set_iterations(iterations);
  return load;
}

TEST(PlannedTimeTest, IsThatOfTheLoadItself) {
  v1::Load paced;
  paced.set_rate(50);
  paced.set_iterations(100);
  v1::Load stages;
  stages.add_stages()->mutable_duration()->set_seconds(3);
  stages.add_stages()->mutable_duration()->set_seconds(4);
  v1::Load burst;
  burst.set_burst(9);

  EXPECT_EQ(PlannedTime(Open(10, 7)), 7 * kSecond);
  EXPECT_EQ(PlannedTime(Counted(10)), kNever);
  EXPECT_EQ(PlannedTime(paced), 2 * kSecond);
  EXPECT_EQ(PlannedTime(stages), 7 * kSecond);
  EXPECT_EQ(PlannedTime(burst), kNever);
}

TEST(PlannedTimeTest, OfATestCountsEachRoundWithItsWarmUp) {
  v1::Test test;
  *test.mutable_load() = Open(10, 7);
  test.mutable_warmup()->set_seconds(1);
  test.set_rounds(3);

  EXPECT_EQ(PlannedTime(test), 24 * kSecond);
  EXPECT_EQ(ExpectedTime(test), 24 * kSecond);
}

TEST(PlannedTimeTest, AssumesATimeWhereTheLoadEndsByCount) {
  v1::Test test;
  *test.mutable_load() = Counted(10);
  test.mutable_warmup()->set_seconds(1);
  test.set_rounds(2);

  EXPECT_EQ(PlannedTime(test), kNever);
  EXPECT_EQ(ExpectedTime(test), 8 * kSecond);
}

TEST(PlannedTimeTest, GroupsTakeAsLongAsTheLongest) {
  v1::Test test;
  *test.add_groups()->mutable_load() = Open(10, 2);
  *test.add_groups()->mutable_load() = Open(10, 5);

  EXPECT_EQ(PlannedTime(test), 5 * kSecond);
}

TEST(PlannedTimeTest, SessionsLastUntilTheirLastMessage) {
  v1::Test test;
  v1::Group& group = *test.add_groups();
  group.mutable_load()->set_sessions(100);
  v1::Call& call = *group.add_calls();
  call.mutable_messages()->set_count(5);
  call.mutable_messages()->mutable_every()->set_seconds(2);

  EXPECT_EQ(PlannedTime(test), 10 * kSecond);
}

TEST(PlannedTimeTest, ASearchIsPlannedForTheMostTries) {
  v1::Test test;
  test.mutable_load()->mutable_duration()->set_seconds(2);
  v1::Search& search = *test.mutable_load()->mutable_search();
  search.set_from(100);
  search.set_to(1600);
  search.set_precision(0.25);

  // 100, 200, … 1600; two halvings of the last interval; three confirmations.
  EXPECT_EQ(MostTries(search), 5U + 2U + 3U);
  EXPECT_EQ(PlannedTime(test), 20 * kSecond);
}

}  // namespace
}  // namespace perfrig
