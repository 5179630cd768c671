#include "common/stats/interval.h"

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace perfrig {
namespace {

// −1 and 1 by turns, so many of each: mean 0.
std::vector<double> Swinging(int pairs) {
  std::vector<double> values;
  for (int i = 0; i < pairs; ++i) {
    values.push_back(-1);
    values.push_back(1);
  }
  return values;
}

TEST(MeanInterval95, IsTheOneOfStudent) {
  // Mean 3, s = √2.5, t(4) = 2.776: 3 ± 1.963.
  const auto interval = MeanInterval95({1, 2, 3, 4, 5});

  ASSERT_TRUE(interval.has_value());
  EXPECT_NEAR(interval->low, 1.0368, 1e-4);
  EXPECT_NEAR(interval->high, 4.9632, 1e-4);
}

TEST(MeanInterval95, UsesTheQuantilesOfTheTextbook) {
  // Degrees of freedom and t, whose interval is t ÷ √(n − 1).
  const std::pair<int, double> textbook[] = {
      {3, 3.1824},  {9, 2.2622},  {11, 2.2010}, {19, 2.0930},
      {29, 2.0452}, {99, 1.9842}, {999, 1.9623}};
  for (const auto& [degrees, t] : textbook) {
    const auto interval = MeanInterval95(Swinging((degrees + 1) / 2));

    ASSERT_TRUE(interval.has_value());
    EXPECT_NEAR(interval->high * std::sqrt(degrees), t, 2e-4) << degrees;
    EXPECT_EQ(interval->low, -interval->high);
  }
}

TEST(MeanInterval95, IsNarrowWhereNothingScatters) {
  const auto interval = MeanInterval95({7, 7, 7});

  ASSERT_TRUE(interval.has_value());
  EXPECT_EQ(interval->low, 7);
  EXPECT_EQ(interval->high, 7);
}

TEST(MeanInterval95, IsNotBelowZeroWhereNoValueIs) {
  const auto interval = MeanInterval95({0, 0, 10});

  ASSERT_TRUE(interval.has_value());
  EXPECT_EQ(interval->low, 0);
  EXPECT_GT(interval->high, 10);
}

TEST(MeanInterval95, NeedsThreeFiniteValues) {
  EXPECT_FALSE(MeanInterval95({}).has_value());
  EXPECT_FALSE(MeanInterval95({1, 2}).has_value());
  EXPECT_FALSE(MeanInterval95({1, 2, std::numeric_limits<double>::infinity()})
                   .has_value());
  EXPECT_FALSE(MeanInterval95({1, 2, std::nan("")}).has_value());
}

}  // namespace
}  // namespace perfrig
