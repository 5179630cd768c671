#include "server/resources/sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

namespace perfrig::resources {
namespace {

TEST(SamplerTest, SamplesAtItsBeginAndAtItsEnd) {
  SystemClock clock;
  std::atomic<int> looks = 0;
  Sampler sampler(clock, [&] {
    ++looks;
    return Usage{.memory = static_cast<double>(looks)};
  });
  EXPECT_GE(looks, 1);

  const std::vector<Sample> samples = sampler.Stop();

  ASSERT_GE(samples.size(), 2U);
  EXPECT_EQ(samples.front().usage.memory, 1);
  EXPECT_EQ(samples.back().usage.memory, static_cast<double>(looks));
  EXPECT_LE(samples.front().time, samples.back().time);
}

TEST(SamplerTest, GoesOnBySelfInBetween) {
  SystemClock clock;
  Mutex mutex;
  CondVar changed;
  int looks = 0;
  Sampler sampler(clock, [&] {
    MutexLock lock(mutex);
    ++looks;
    changed.NotifyAll();
    return Usage();
  });
  {
    MutexLock lock(mutex);
    while (looks < 4) changed.Wait(mutex);
  }

  EXPECT_GE(sampler.Stop().size(), 5U);
}

TEST(SamplerTest, WhatCannotBeLookedAtIsNoSample) {
  SystemClock clock;
  Sampler sampler(clock, [] { return std::optional<Usage>(); });

  EXPECT_TRUE(sampler.Stop().empty());
}

TEST(SamplerTest, EndsWithItsOwner) {
  SystemClock clock;

  const Sampler sampler(clock, [] { return Usage(); });
}

}  // namespace
}  // namespace perfrig::resources
