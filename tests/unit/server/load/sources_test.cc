// When lanes start what, for closed and open loads.
#include <algorithm>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/load/generator.h"
#include "server/load/iteration_source.h"
#include "server/load/load_plan.h"

namespace perfrig::load {
namespace {

v1::Load Closed(std::uint32_t users) {
  v1::Load load;
  load.set_users(users);
  return load;
}

v1::Load Open(double rate, int seconds) {
  v1::Load load;
  load.set_rate(rate);
  load.mutable_duration()->set_seconds(seconds);
  return load;
}

std::vector<PlannedIteration> TakeAll(IterationSource& source, Nanos now) {
  std::vector<PlannedIteration> all;
  PlannedIteration iteration;
  while (source.Take(now, iteration)) all.push_back(iteration);
  return all;
}

TEST(ClosedSourceTest, EachUserWaitsForItsAnswerAndThinks) {
  v1::Load load = Closed(2);
  load.mutable_think()->set_nanos(5 * kMillisecond);
  const auto source = MakeSource(MakeLoadPlan(load, 0, 0, 0), 0, 1);

  EXPECT_EQ(TakeAll(*source, 0).size(), 2U);
  EXPECT_TRUE(TakeAll(*source, kSecond).empty());
  source->Finish(1, 20 * kMillisecond);

  EXPECT_EQ(source->Next(), 25 * kMillisecond);
  const auto next = TakeAll(*source, 30 * kMillisecond);
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].planned, 25 * kMillisecond);
  EXPECT_EQ(next[0].user, 1U);
  EXPECT_EQ(next[0].sequence, 2U);
}

TEST(ClosedSourceTest, ItEndsAfterSoManyIterations) {
  v1::Load load = Closed(3);
  load.set_iterations(4);
  const auto source = MakeSource(MakeLoadPlan(load, 0, 0, 10), 0, 1);

  EXPECT_EQ(TakeAll(*source, 0).size(), 3U);
  EXPECT_FALSE(source->EndedByCount(0));
  for (std::uint32_t user = 0; user < 3; ++user) source->Finish(user, 1);

  EXPECT_EQ(TakeAll(*source, 1).size(), 1U);
  EXPECT_TRUE(source->EndedByCount(1));
  EXPECT_EQ(source->next_sequence(), 14U);
}

TEST(ClosedSourceTest, EachUserMakesItsOwnNumberOfIterations) {
  v1::Load load = Closed(2);
  load.set_iterations_per_user(2);
  const auto source = MakeSource(MakeLoadPlan(load, 0, 0, 0), 0, 1);
  TakeAll(*source, 0);

  source->Finish(0, 1);
  EXPECT_EQ(TakeAll(*source, 1).size(), 1U);
  source->Finish(0, 2);
  EXPECT_TRUE(TakeAll(*source, 2).empty());
  EXPECT_FALSE(source->EndedByCount(2));
  source->Finish(1, 3);
  EXPECT_EQ(TakeAll(*source, 3).size(), 1U);
  EXPECT_TRUE(source->EndedByCount(3));
}

TEST(ClosedSourceTest, LanesShareTheUsersAndTheIterations) {
  v1::Load load = Closed(5);
  load.set_iterations(23);
  const LoadPlan plan = MakeLoadPlan(load, 0, 0, 100);

  std::set<std::uint32_t> users;
  std::vector<std::uint64_t> sequences;
  for (std::uint32_t lane = 0; lane < 3; ++lane) {
    const auto source = MakeSource(plan, lane, 3);
    for (Nanos now = 0; !source->EndedByCount(now); ++now) {
      for (const PlannedIteration& iteration : TakeAll(*source, now)) {
        users.insert(iteration.user);
        sequences.push_back(iteration.sequence);
        source->Finish(iteration.user, now + 1);
      }
    }
  }

  EXPECT_THAT(users, testing::ElementsAre(0, 1, 2, 3, 4));
  ASSERT_EQ(sequences.size(), 23U);
  std::sort(sequences.begin(), sequences.end());
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    EXPECT_EQ(sequences[i], 100 + i);
  }
}

TEST(ClosedSourceTest, TheCountStartsAfterTheWarmUp) {
  v1::Load load = Closed(1);
  load.set_iterations(2);
  const auto source = MakeSource(MakeLoadPlan(load, kSecond, 0, 0), 0, 1);

  std::vector<PlannedIteration> all;
  for (Nanos now = 0; !source->EndedByCount(now) && now < 9 * kSecond;
       now += kSecond / 4) {
    for (const PlannedIteration& iteration : TakeAll(*source, now)) {
      all.push_back(iteration);
      source->Finish(0, now + kSecond / 4);
    }
  }

  ASSERT_EQ(all.size(), 6U);
  EXPECT_FALSE(all[3].counted);
  EXPECT_EQ(all[3].sequence, 5U);
  EXPECT_TRUE(all[4].counted);
  EXPECT_EQ(all[4].planned, kSecond);
  EXPECT_EQ(all[4].sequence, 0U);
  EXPECT_EQ(all[5].sequence, 1U);
}

TEST(ClosedSourceTest, NoIterationStartsAtTheEndOrLater) {
  v1::Load load = Closed(1);
  load.mutable_duration()->set_seconds(1);
  const auto source = MakeSource(MakeLoadPlan(load, 0, 0, 0), 0, 1);
  TakeAll(*source, 0);

  source->Finish(0, kSecond - 1);
  EXPECT_EQ(TakeAll(*source, kSecond + 5).size(), 1U);
  source->Finish(0, kSecond);
  EXPECT_TRUE(TakeAll(*source, kSecond + 5).empty());
}

TEST(ClosedSourceTest, StagedUsersComeAndGo) {
  v1::Load load;
  for (const std::uint32_t users : {2, 5, 1}) {
    v1::Stage& stage = *load.add_stages();
    stage.set_users(users);
    stage.mutable_duration()->set_seconds(1);
  }
  const auto source = MakeSource(MakeLoadPlan(load, 0, 0, 0), 0, 1);

  EXPECT_EQ(TakeAll(*source, 0).size(), 2U);
  EXPECT_EQ(source->Next(), kSecond);
  const auto more = TakeAll(*source, kSecond + kMillisecond);
  ASSERT_EQ(more.size(), 3U);
  EXPECT_EQ(more[0].planned, kSecond);
  EXPECT_EQ(source->users(), 5U);

  EXPECT_TRUE(TakeAll(*source, 2 * kSecond).empty());
  EXPECT_EQ(source->users(), 1U);
  source->Finish(4, 2 * kSecond);
  source->Finish(0, 2 * kSecond);
  const auto rest = TakeAll(*source, 2 * kSecond);
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].user, 0U);
}

TEST(OpenSourceTest, PlansWhateverComesBack) {
  const auto source = MakeSource(MakeLoadPlan(Open(100, 1), 0, 0, 0), 0, 1);

  EXPECT_EQ(source->Next(), 0);
  const auto first = TakeAll(*source, 95 * kMillisecond);

  ASSERT_EQ(first.size(), 10U);
  EXPECT_EQ(first[9].planned, 90 * kMillisecond);
  EXPECT_EQ(source->Next(), 100 * kMillisecond);
  EXPECT_EQ(TakeAll(*source, 9 * kSecond).size(), 90U);
  EXPECT_EQ(source->Next(), kNever);
  EXPECT_FALSE(source->EndedByCount(9 * kSecond));
}

TEST(OpenSourceTest, TheWarmUpComesFirstAndChangesNothing) {
  v1::Load load = Open(100, 1);
  load.set_arrivals(v1::POISSON);
  const auto plain = MakeSource(MakeLoadPlan(load, 0, 0, 0), 0, 1);
  const auto warm = MakeSource(MakeLoadPlan(load, kSecond, 0, 0), 0, 1);

  const auto expected = TakeAll(*plain, kNever - 1);
  const auto all = TakeAll(*warm, kNever - 1);

  const auto first = std::find_if(
      all.begin(), all.end(), [](const auto& each) { return each.counted; });
  ASSERT_EQ(static_cast<std::size_t>(all.end() - first), expected.size());
  EXPECT_GT(first - all.begin(), 50);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(first[static_cast<std::ptrdiff_t>(i)].planned,
              kSecond + expected[i].planned);
  }
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].sequence, i);
}

TEST(OpenSourceTest, ANewRoundHasOtherArrivals) {
  v1::Load load = Open(100, 1);
  load.set_arrivals(v1::POISSON);
  const auto first = MakeSource(MakeLoadPlan(load, 0, 0, 0), 0, 1);
  const auto second = MakeSource(MakeLoadPlan(load, 0, 1, 0), 0, 1);

  EXPECT_NE(first->Next(), second->Next());
}

TEST(OpenSourceTest, ABurstEndsByCount) {
  v1::Load load;
  load.set_burst(20'000);
  const LoadPlan plan = MakeLoadPlan(load, 0, 0, 0);
  const auto source = MakeSource(plan, 1, 2);

  EXPECT_EQ(plan.max_in_flight, 20'000U);
  EXPECT_EQ(plan.end, kNever);
  EXPECT_EQ(TakeAll(*source, 0).size(), 10'000U);
  EXPECT_TRUE(source->EndedByCount(0));
}

}  // namespace
}  // namespace perfrig::load
