#include "server/runs/resource_meter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

namespace perfrig::runs {
namespace {

using resources::Sample;
using resources::Usage;
using ::testing::Contains;
using ::testing::Key;
using ::testing::Not;

constexpr double kMega = 1'000'000;

v1::Observed Of(const v1::Figures& figures, const std::string& name) {
  const auto found = figures.observed().find("resources." + name);
  return found == figures.observed().end() ? v1::Observed() : found->second;
}

TEST(AddResourcesTest, LeavesTheWarmUpOut) {
  const std::vector<Sample> samples = {
      {0 * kSecond, {.memory = 900 * kMega, .files = 1}},
      {1 * kSecond, {.memory = 110 * kMega, .files = 7, .threads = 3}},
      {2 * kSecond, {.memory = 130 * kMega, .files = 9, .threads = 3}}};
  v1::Figures figures;

  AddResources(samples, kSecond, 100 * kMega, figures);

  EXPECT_EQ(Of(figures, "memory").count(), 2);
  EXPECT_EQ(Of(figures, "memory").max(), 130 * kMega);
  EXPECT_EQ(Of(figures, "memory_more").min(), 10 * kMega);
  EXPECT_EQ(Of(figures, "memory_more").max(), 30 * kMega);
  EXPECT_EQ(Of(figures, "files").mean(), 8);
  EXPECT_EQ(Of(figures, "threads").mean(), 3);
}

TEST(AddResourcesTest, WhatIsCountedIsTheDifferenceBetweenSamples) {
  const std::vector<Sample> samples = {
      {0, {.cpu = 5 * kSecond, .disk_read = 100, .disk_written = 50}},
      {kSecond / 2, {.cpu = 6 * kSecond, .disk_read = 400, .disk_written = 50}},
      {kSecond,
       {.cpu = 6 * kSecond + kSecond / 4,
        .disk_read = 500,
        .disk_written = 80}}};
  v1::Figures figures;

  AddResources(samples, 0, 0, figures);

  // Two cores for half a second, then half a core.
  EXPECT_EQ(Of(figures, "cpu").max(), 2);
  EXPECT_EQ(Of(figures, "cpu").min(), 0.5);
  EXPECT_EQ(Of(figures, "disk_read").sum(), 400);
  EXPECT_EQ(Of(figures, "disk_written").sum(), 30);
}

TEST(AddResourcesTest, AProcessThatHasGoneUsesNothingMore) {
  const std::vector<Sample> samples = {{0, {.cpu = 5 * kSecond}},
                                       {kSecond, {.cpu = kSecond}}};
  v1::Figures figures;

  AddResources(samples, 0, 0, figures);

  EXPECT_EQ(Of(figures, "cpu").min(), 0);
}

TEST(AddResourcesTest, WhatTheKernelDoesNotTellIsNotMeasured) {
  const std::vector<Sample> samples = {
      {0, {.disk_read = std::nullopt, .disk_written = std::nullopt}},
      {kSecond, {.disk_read = std::nullopt, .disk_written = std::nullopt}}};
  v1::Figures figures;

  AddResources(samples, 0, 0, figures);

  EXPECT_THAT(figures.observed(), Contains(Key("resources.memory")));
  EXPECT_THAT(figures.observed(), Not(Contains(Key("resources.disk_read"))));
}

TEST(AddResourcesTest, TheEndOfAShortRoundIsMeasured) {
  const std::vector<Sample> samples = {{0, {.memory = 1}},
                                       {kMillisecond, {.memory = 2}}};
  v1::Figures figures;

  AddResources(samples, kSecond, 0, figures);

  EXPECT_EQ(Of(figures, "memory").count(), 1);
  EXPECT_EQ(Of(figures, "memory").min(), 2);
}

class ResourceMeterTest : public ::testing::Test {
 protected:
  v1::Figures Round(double memory) {
    memory_ = memory;
    v1::Figures figures;
    meter_.EndRound(0, figures);
    return figures;
  }

  SystemClock clock_;
  std::atomic<double> memory_ = 100;
  ResourceMeter meter_{clock_, [this] { return Usage{.memory = memory_}; }};
};

TEST_F(ResourceMeterTest, MoreIsSinceTheFirstRoundsBegin) {
  meter_.BeforeLoad();
  memory_ = 130;
  meter_.BeginRound();
  EXPECT_EQ(Of(Round(150), "memory_more").max(), 50);
  meter_.BeforeLoad();
  meter_.BeginRound();
  EXPECT_EQ(Of(Round(170), "memory_more").max(), 70);
}

TEST_F(ResourceMeterTest, GrowthIsFromTheFirstRoundToTheLast) {
  v1::Figures pooled;
  for (const double memory : {100.0, 300.0, 100.0}) {
    memory_ = memory;
    meter_.BeginRound();
    Round(memory);
  }
  memory_ = 160;
  meter_.BeginRound();
  Round(160);

  meter_.AddGrowth(pooled);

  EXPECT_EQ(Of(pooled, "memory_growth").mean(), 60);
}

TEST_F(ResourceMeterTest, OneRoundHasNoGrowth) {
  v1::Figures pooled;
  meter_.BeginRound();
  Round(150);

  meter_.AddGrowth(pooled);

  EXPECT_TRUE(pooled.observed().empty());
}

TEST_F(ResourceMeterTest, ARoundThatEndsEarlyLeavesNothingRunning) {
  meter_.BeginRound();
}

}  // namespace
}  // namespace perfrig::runs
