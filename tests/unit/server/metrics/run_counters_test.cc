#include "server/metrics/run_counters.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "tests/unit/server/metrics/made_up.h"

namespace perfrig::metrics {
namespace {

const TestKey kBuy{"shop", "buy"};

std::uint64_t OkOf(const RunCounters& counters) {
  const auto found = counters.tests().find(kBuy);
  if (found == counters.tests().end()) return 0;
  const auto& calls = found->second.calls;
  return calls.contains("OK") ? calls.at("OK") : 0;
}

TEST(RunCounters, AFinishedRunIsCountedOnceHoweverOftenItIsSeen) {
  RunCounters counters;
  Scene scene;
  scene.finished = {Share(RunOf("runs/1", FinishedTest("buy", 10)))};

  counters.Update(scene);
  counters.Update(scene);

  EXPECT_EQ(OkOf(counters), 10U);
  EXPECT_EQ(counters.tests().at(kBuy).latency.count(), 10U);
}

TEST(RunCounters, RunsOfOneTestAddUp) {
  RunCounters counters;
  Scene scene;
  scene.finished = {Share(RunOf("runs/1", FinishedTest("buy", 10)))};
  counters.Update(scene);

  scene.finished.insert(scene.finished.begin(),
                        Share(RunOf("runs/2", FinishedTest("buy", 5))));
  counters.Update(scene);

  EXPECT_EQ(OkOf(counters), 15U);
}

TEST(RunCounters, ARunAtWorkCountsAndNeverGoesBack) {
  RunCounters counters;
  Scene scene;
  scene.current = RunAtWork("runs/1", "buy");
  const auto count_at = [&](std::uint32_t round, std::uint64_t ok) {
    scene.snapshot = SnapshotOf("buy", round, ok);
    counters.Update(scene);
    return OkOf(counters);
  };

  EXPECT_EQ(count_at(1, 10), 10U);
  EXPECT_EQ(count_at(1, 20), 20U);
  EXPECT_EQ(count_at(2, 5), 25U);

  // Between the last snapshot and the result there is a moment with neither.
  scene.snapshot = nullptr;
  counters.Update(scene);
  EXPECT_EQ(OkOf(counters), 0U) << "not shown, which is no reset";

  scene.current = nullptr;
  scene.finished = {Share(RunOf("runs/1", FinishedTest("buy", 40)))};
  counters.Update(scene);
  EXPECT_EQ(OkOf(counters), 40U);
}

TEST(RunCounters, ARepeatedTestGoesOnFromItsLastRun) {
  RunCounters counters;
  Scene scene;
  scene.finished = {Share(RunOf("runs/1", FinishedTest("buy", 40)))};
  counters.Update(scene);

  scene.current = RunAtWork("runs/2", "buy");
  scene.snapshot = SnapshotOf("buy", 1, 3);
  counters.Update(scene);

  EXPECT_EQ(OkOf(counters), 43U);
}

TEST(RunCounters, ATestThatFinishesInsideItsRunIsNotCountedTwice) {
  RunCounters counters;
  Scene scene;
  v1::Run run = RunOf("runs/1", FinishedTest("buy", 40));
  run.set_state(v1::RUNNING);
  scene.current = Share(run);
  scene.snapshot = SnapshotOf("buy", 1, 39);

  counters.Update(scene);
  scene.current = nullptr;
  scene.snapshot = nullptr;
  run.set_state(v1::FINISHED);
  scene.finished = {Share(run)};
  counters.Update(scene);

  EXPECT_EQ(OkOf(counters), 40U);
}

TEST(RunCounters, ATestAtWorkHasItsBucketsRoundAfterRound) {
  RunCounters counters;
  Scene scene;
  scene.finished = {Share(RunOf("runs/1", FinishedTest("buy", 40)))};
  scene.current = RunAtWork("runs/2", "buy");
  const auto count_at = [&](std::uint32_t round, std::uint64_t ok) {
    scene.snapshot = SnapshotOf("buy", round, ok);
    counters.Update(scene);
    return counters.tests().at(kBuy).latency.count();
  };

  EXPECT_EQ(count_at(1, 10), 50U);
  EXPECT_EQ(count_at(1, 15), 55U);
  EXPECT_EQ(count_at(2, 5), 60U);

  scene.finished.insert(scene.finished.begin(),
                        Share(RunOf("runs/2", FinishedTest("buy", 20))));
  scene.current = nullptr;
  scene.snapshot = nullptr;
  counters.Update(scene);
  EXPECT_EQ(counters.tests().at(kBuy).latency.count(), 60U);
}

TEST(RunCounters, WhatABrokenOffTestShowedStaysCounted) {
  RunCounters counters;
  Scene scene;
  scene.current = RunAtWork("runs/1", "buy");
  scene.snapshot = SnapshotOf("buy", 1, 30);
  counters.Update(scene);

  scene.snapshot = nullptr;
  scene.current = nullptr;
  scene.finished = {Share(RunOf("runs/1", FinishedTest("buy", 0)))};
  counters.Update(scene);
  EXPECT_EQ(OkOf(counters), 30U);
  EXPECT_EQ(counters.tests().at(kBuy).latency.count(), 30U);

  scene.current = RunAtWork("runs/2", "buy");
  scene.snapshot = SnapshotOf("buy", 1, 1);
  counters.Update(scene);
  EXPECT_EQ(OkOf(counters), 31U);
  EXPECT_EQ(counters.tests().at(kBuy).latency.count(), 31U);
}

TEST(RunCounters, ATestThatWasNotShownForAWhileGoesOn) {
  RunCounters counters;
  Scene scene;
  scene.finished = {Share(RunOf("runs/00", FinishedTest("buy", 40)))};
  counters.Update(scene);
  scene.finished = {Share(RunOf("runs/01", FinishedTest("sell", 1)))};
  counters.Update(scene);
  ASSERT_FALSE(counters.tests().contains(kBuy));

  scene.finished.insert(scene.finished.begin(),
                        Share(RunOf("runs/02", FinishedTest("buy", 2))));
  counters.Update(scene);

  EXPECT_EQ(OkOf(counters), 42U);
  EXPECT_EQ(counters.tests().at(kBuy).latency.count(), 42U);
}

TEST(RunCounters, TestsOfOlderRunsAreNotShown) {
  RunCounters counters;
  Scene scene;
  scene.finished = {Share(RunOf("runs/00", FinishedTest("buy", 1)))};
  counters.Update(scene);

  for (std::size_t i = 0; i < kRunsShown; ++i) {
    scene.finished.insert(
        scene.finished.begin(),
        Share(RunOf("runs/1" + std::to_string(i), FinishedTest("sell", 1))));
  }
  counters.Update(scene);

  EXPECT_FALSE(counters.tests().contains(kBuy));
  EXPECT_EQ(counters.tests().size(), 1U);
}

}  // namespace
}  // namespace perfrig::metrics
