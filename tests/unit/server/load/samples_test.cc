#include "server/load/samples.h"

#include <algorithm>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace perfrig::load {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(SamplesTest, KeepsTheTenSlowest) {
  Samples samples;
  for (int i = 0; i < 100; ++i) {
    const Nanos latency = (i * 37) % 100;
    if (samples.WantsSlow(latency)) {
      samples.AddSlow({.latency = latency, .phases = "work=5"});
    }
  }

  const auto slowest = samples.slowest();

  ASSERT_EQ(slowest.size(), 10U);
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(slowest[i].latency, static_cast<Nanos>(99 - i));
  }
  EXPECT_THAT(slowest[0].phases, ElementsAre(Pair("work", 5)));
}

TEST(SamplesTest, MergesLanesByLatencyAndByTime) {
  Samples first;
  Samples second;
  for (int i = 0; i < 8; ++i) {
    first.AddSlow({.latency = 2 * i});
    second.AddSlow({.latency = 2 * i + 1});
    first.AddFailed({.at = 2 * i, .message = "first"});
    second.AddFailed({.at = 2 * i + 1, .message = "second"});
  }

  first.Merge(second);

  const auto slowest = first.slowest();
  const auto failed = first.failed();
  ASSERT_EQ(slowest.size(), 10U);
  EXPECT_EQ(slowest.front().latency, 15);
  EXPECT_EQ(slowest.back().latency, 6);
  ASSERT_EQ(failed.size(), 10U);
  EXPECT_EQ(failed.front().at, 0);
  EXPECT_EQ(failed.back().at, 9);
  EXPECT_EQ(failed.back().message, "second");
}

}  // namespace
}  // namespace perfrig::load
