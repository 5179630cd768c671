#include "server/targets/behavior/delay_sampler.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace perfrig::targets {
namespace {

constexpr int kDraws = 100'000;

v1::Delay Parse(const std::string& text) {
  v1::Delay delay;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &delay));
  return delay;
}

std::vector<double> Draw(const v1::Delay& delay, std::uint64_t seed = 1) {
  const DelaySampler sampler(delay);
  std::vector<double> values(kDraws);
  for (int i = 0; i < kDraws; ++i) {
    // As a station does it: each call has random numbers of its own.
    Random random = Random::OfCall(seed, static_cast<std::uint64_t>(i));
    values[i] = static_cast<double>(sampler.Draw(random));
  }
  return values;
}

struct Known {
  std::string name;
  std::string delay;
  // In nanoseconds.
  double mean;
  // By how much the mean may be off: 5 standard errors.
  double mean_error;
  std::function<double(double)> cdf;
};

class DistributionTest : public ::testing::TestWithParam<Known> {};

TEST_P(DistributionTest, MeanIsAsItShouldBe) {
  const std::vector<double> values = Draw(Parse(GetParam().delay));

  double sum = 0;
  for (const double value : values) sum += value;

  EXPECT_NEAR(sum / kDraws, GetParam().mean, GetParam().mean_error);
}

TEST_P(DistributionTest, StaysWithinTheKolmogorovSmirnovBound) {
  std::vector<double> values = Draw(Parse(GetParam().delay));
  std::sort(values.begin(), values.end());

  double distance = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double expected = GetParam().cdf(values[i]);
    distance = std::max({distance, std::abs(expected - i * 1.0 / kDraws),
                         std::abs(expected - (i + 1.0) / kDraws)});
  }

  // Passed by one true sample in a thousand.
  EXPECT_LT(distance, 1.95 / std::sqrt(kDraws));
}

TEST_P(DistributionTest, QuantilesAreAsTheyShouldBe) {
  std::vector<double> values = Draw(Parse(GetParam().delay));
  std::sort(values.begin(), values.end());

  for (const double quantile : {0.01, 0.1, 0.5, 0.9, 0.99}) {
    const double value = values[static_cast<std::size_t>(quantile * kDraws)];
    EXPECT_NEAR(GetParam().cdf(value), quantile,
                5 * std::sqrt(quantile * (1 - quantile) / kDraws));
  }
}

double NormalCdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2)); }

INSTANTIATE_TEST_SUITE_P(
    All, DistributionTest,
    ::testing::Values(
        Known{"uniform",
              "uniform { min { nanos: 10000000 } max { nanos: 30000000 } }",
              20e6, 5 * 5.8e6 / 316,
              [](double x) { return std::clamp((x - 10e6) / 20e6, 0.0, 1.0); }},
        Known{"normal",
              "normal { mean { nanos: 20000000 } stddev { nanos: 3000000 } }",
              20e6, 5 * 3e6 / 316,
              [](double x) { return NormalCdf((x - 20e6) / 3e6); }},
        Known{"lognormal",
              "lognormal { median { nanos: 20000000 } sigma: 0.5 }",
              20e6 * std::exp(0.125), 5 * 12.1e6 / 316,
              [](double x) { return NormalCdf(std::log(x / 20e6) / 0.5); }},
        Known{"exponential", "exponential { nanos: 20000000 }", 20e6,
              5 * 20e6 / 316, [](double x) { return 1 - std::exp(-x / 20e6); }},
        Known{
            "pareto", "pareto { scale { nanos: 10000000 } alpha: 3 }", 15e6,
            5 * 8.7e6 / 316,
            [](double x) { return x < 10e6 ? 0 : 1 - std::pow(10e6 / x, 3); }},
        Known{"quantiles",
              "quantiles { points { value { nanos: 10000000 } }"
              " points { quantile: 0.9 value { nanos: 20000000 } }"
              " points { quantile: 1 value { nanos: 100000000 } } }",
              0.9 * 15e6 + 0.1 * 60e6, 5 * 16e6 / 316,
              [](double x) {
                return x < 20e6 ? 0.9 * std::max(0.0, x - 10e6) / 10e6
                                : 0.9 + 0.1 * (x - 20e6) / 80e6;
              }},
        Known{"mixture",
              "mixture { parts { weight: 3 delay { uniform {"
              " max { nanos: 10000000 } } } }"
              " parts { weight: 1 delay { exponential {"
              " nanos: 40000000 } } } }",
              0.75 * 5e6 + 0.25 * 40e6, 5 * 27e6 / 316,
              [](double x) {
                return 0.75 * std::min(1.0, x / 10e6) +
                       0.25 * (1 - std::exp(-x / 40e6));
              }}),
    [](const auto& known) { return known.param.name; });

TEST(DelaySamplerTest, FixedIsFixed) {
  Random random;

  EXPECT_EQ(DelaySampler(Parse("fixed { nanos: 20000000 }")).Draw(random),
            20 * kMillisecond);
  EXPECT_EQ(DelaySampler().Draw(random), 0);
}

TEST(DelaySamplerTest, ValuesAreClampedToZeroAndAnHour) {
  const std::vector<double> wide = Draw(
      Parse("normal { mean { seconds: 1800 } stddev { seconds: 1000000 } }"));

  EXPECT_EQ(*std::min_element(wide.begin(), wide.end()), 0);
  EXPECT_EQ(*std::max_element(wide.begin(), wide.end()), 3600.0 * kSecond);
}

TEST(DelaySamplerTest, TheSeedAloneDecides) {
  const v1::Delay delay = Parse("exponential { nanos: 20000000 }");

  EXPECT_EQ(Draw(delay, 7), Draw(delay, 7));
  EXPECT_NE(Draw(delay, 7), Draw(delay, 8));
}

TEST(RandomTest, TheFirstNumbersAreTheSameEverywhere) {
  Random random = Random::OfCall(1, 0);

  const std::uint64_t first = random.Next();
  Random again = Random::OfCall(1, 0);

  EXPECT_EQ(first, again.Next());
  EXPECT_EQ(Random(0).Next(), 0xe220a8397b1dcdaf);
}

}  // namespace
}  // namespace perfrig::targets
