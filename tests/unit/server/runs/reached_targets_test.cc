#include "server/runs/reached_targets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/stats/histogram.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/server/runs/fake_access.h"

namespace perfrig::runs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class ReachedTargetsTest : public ::testing::Test {
 protected:
  ReachedTargets Reached(const std::vector<std::string>& targets) {
    auto reached = Reach(targets, access_, {});
    EXPECT_TRUE(reached.ok()) << reached.status();
    return *std::move(reached);
  }

  FakeClock clock_;
  FakeAccess access_{clock_, {}};
};

TEST_F(ReachedTargetsTest, SpawnsAProcessForEachTimeThatItIsNamed) {
  {
    const ReachedTargets reached =
        Reached({"spawn", "host:1", "spawn", "spawn"});

    EXPECT_THAT(reached.addresses,
                ElementsAre("spawned:1", "host:1", "spawned:2", "spawned:3"));
    EXPECT_FALSE(reached.own);
    EXPECT_EQ(access_.targets.spawned, 3);
  }

  EXPECT_EQ(access_.targets.spawned, 0);
}

TEST_F(ReachedTargetsTest, KnowsWhoseTheyAre) {
  EXPECT_TRUE(Reached({"self"}).self);
  EXPECT_FALSE(Reached({"self", "spawn"}).self);
  EXPECT_TRUE(Reached({"self", "spawn"}).own);
  EXPECT_FALSE(Reached({"self", "host:1"}).own);
}

TEST_F(ReachedTargetsTest, WhatIsForbiddenIsNotReached) {
  const auto reached = Reach({"spawn", "forbidden:1"}, access_, {});

  EXPECT_TRUE(absl::IsPermissionDenied(reached.status()));
  EXPECT_EQ(access_.targets.spawned, 0);
}

TEST_F(ReachedTargetsTest, AChangeGoesToEachProcess) {
  const ReachedTargets reached = Reached({"spawn", "spawn"});
  const auto control = ControlOfAll(reached, access_, {});
  ASSERT_TRUE(control.ok()) << control.status();
  v1::BehaviorChange change;
  change.set_target("targets/echo");

  EXPECT_TRUE((*control)->Update(change).ok());
  EXPECT_TRUE((*control)->Reset().ok());

  EXPECT_THAT(access_.targets.updates,
              ElementsAre("targets/echo", "targets/echo"));
  EXPECT_EQ(access_.targets.resets, 2);
}

TEST_F(ReachedTargetsTest, AnAddressThatIsNamedTwiceIsChangedOnce) {
  const auto control = ControlOfAll(Reached({"self", "self"}), access_, {});

  EXPECT_TRUE((*control)->Reset().ok());

  EXPECT_EQ(access_.targets.resets, 1);
}

TEST_F(ReachedTargetsTest, NamesTheAddressThatHostsNoMockTargets) {
  const auto control =
      ControlOfAll(Reached({"spawn", "foreign:1"}), access_, {});

  EXPECT_THAT(std::string(control.status().message()),
              HasSubstr("foreign:1 hosts no mock targets"));
}

TEST_F(ReachedTargetsTest, WhatProcessesTellOfATargetIsAddedUp) {
  const auto control = ControlOfAll(Reached({"spawn", "spawn"}), access_, {});

  const auto targets = (*control)->List();

  ASSERT_TRUE(targets.ok()) << targets.status();
  EXPECT_THAT(*targets, SizeIs(1));
}

TEST(AddTargetTest, AddsStatisticsAndTheNumbersOfTheState) {
  v1::Target one;
  v1::TargetStatistics& statistics = *one.mutable_statistics();
  statistics.set_started(5);
  (*statistics.mutable_finished())["OK"] = 4;
  statistics.mutable_cache()->set_hits(3);
  Histogram lateness;
  lateness.Record(kMillisecond);
  *statistics.mutable_lateness() = ToDistribution(lateness, true);
  (*one.mutable_state()->mutable_fields())["objects"].set_number_value(2);
  (*one.mutable_state()->mutable_fields())["mode"].set_string_value("fast");
  v1::Target sum = one;

  AddTarget(one, sum);

  EXPECT_EQ(sum.statistics().started(), 10);
  EXPECT_EQ(sum.statistics().finished().at("OK"), 8);
  EXPECT_EQ(sum.statistics().cache().hits(), 6);
  EXPECT_FALSE(sum.statistics().has_pool());
  EXPECT_EQ(sum.statistics().lateness().count(), 2);
  EXPECT_EQ(sum.state().fields().at("objects").number_value(), 4);
  EXPECT_EQ(sum.state().fields().at("mode").string_value(), "fast");
}

}  // namespace
}  // namespace perfrig::runs
