#include "server/load/arrivals.h"

#include <algorithm>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace perfrig::load {
namespace {

std::vector<Nanos> All(const ArrivalsOptions& options) {
  Arrivals arrivals(options);
  std::vector<Nanos> all;
  for (Nanos at = arrivals.Next(); at != kNever; at = arrivals.Next()) {
    all.push_back(at);
  }
  return all;
}

struct Gaps {
  double mean = 0;
  // Variance over the squared mean.
  double burstiness = 0;
};

Gaps GapsOf(const std::vector<Nanos>& arrivals) {
  const auto n = static_cast<double>(arrivals.size() - 1);
  double sum = 0;
  double squares = 0;
  for (std::size_t i = 1; i < arrivals.size(); ++i) {
    const auto gap = static_cast<double>(arrivals[i] - arrivals[i - 1]);
    sum += gap;
    squares += gap * gap;
  }
  const double mean = sum / n;
  return {mean, (squares / n - mean * mean) / (mean * mean)};
}

TEST(ArrivalsTest, ConstantOnesAreEvenlySpacedAndExact) {
  const auto all = All({.profile = Profile::Hold(30'000, 10 * kSecond)});

  ASSERT_EQ(all.size(), 300'000U);
  EXPECT_EQ(all[0], 0);
  EXPECT_EQ(all[3], 100 * kMicrosecond);
  EXPECT_EQ(all[299'997], 10 * kSecond - 100 * kMicrosecond);
}

TEST(ArrivalsTest, RatesThatAreNoBinaryFractionGiveNoExtraArrival) {
  for (const double rate : {0.1, 0.3, 0.7, 1.1, 3.3}) {
    const auto all = All({.profile = Profile::Hold(rate, 30 * kSecond)});

    EXPECT_EQ(all.size(), static_cast<std::size_t>(rate * 30 + 0.999)) << rate;
    EXPECT_LT(all.back(), 30 * kSecond);
  }
}

TEST(ArrivalsTest, PoissonGapsHaveTheMeanAndVarianceOfTheTextbook) {
  const auto all = All({.profile = Profile::Hold(1'000, 100 * kSecond),
                        .kind = v1::POISSON,
                        .seed = 7});

  EXPECT_NEAR(static_cast<double>(all.size()), 100'000, 1'000);
  const Gaps gaps = GapsOf(all);
  EXPECT_NEAR(gaps.mean, 1e6, 1e4);
  EXPECT_NEAR(gaps.burstiness, 1, 0.03);
}

TEST(ArrivalsTest, GammaGapsAreAsBurstyAsAsked) {
  for (const double burstiness : {0.25, 4.0, 16.0}) {
    const auto all = All({.profile = Profile::Hold(1'000, 100 * kSecond),
                          .kind = v1::GAMMA,
                          .burstiness = burstiness,
                          .seed = 3});

    const Gaps gaps = GapsOf(all);
    EXPECT_NEAR(gaps.mean, 1e6, 4e4) << burstiness;
    EXPECT_NEAR(gaps.burstiness, burstiness, burstiness * 0.1);
  }
}

TEST(ArrivalsTest, PoissonArrivalsFollowARamp) {
  v1::Load load;
  v1::Stage& stage = *load.add_stages();
  stage.set_rate(2'000);
  stage.set_ramp(true);
  stage.mutable_duration()->set_seconds(100);

  const auto all =
      All({.profile = Profile::Of(load), .kind = v1::POISSON, .seed = 5});

  // A quarter of the area lies in the first half.
  const auto half = std::lower_bound(all.begin(), all.end(), 50 * kSecond);
  EXPECT_NEAR(static_cast<double>(all.size()), 100'000, 1'200);
  EXPECT_NEAR(static_cast<double>(half - all.begin()), 25'000, 600);
}

TEST(ArrivalsTest, TheSeedFixesThem) {
  const ArrivalsOptions options{
      .profile = Profile::Hold(100, kSecond), .kind = v1::POISSON, .seed = 1};
  ArrivalsOptions other = options;
  other.seed = 2;

  EXPECT_EQ(All(options), All(options));
  EXPECT_NE(All(options), All(other));
}

TEST(ArrivalsTest, ACountEndsThem) {
  const auto all =
      All({.profile = Profile::Hold(10, kNever), .seed = 1, .limit = 25});

  ASSERT_EQ(all.size(), 25U);
  EXPECT_EQ(all.back(), 2'400 * kMillisecond);
}

TEST(ArrivalsTest, ABurstComesAtOnce) {
  const auto all = All({.limit = 1'000, .at_once = true});

  EXPECT_EQ(all, std::vector<Nanos>(1'000, 0));
}

TEST(ArrivalSliceTest, TheUnionOfAllSlicesIsTheSchedule) {
  const ArrivalsOptions options{.profile = Profile::Hold(1'000, kSecond),
                                .kind = v1::POISSON,
                                .seed = 11};
  const auto all = All(options);

  for (const std::uint32_t lanes : {1U, 2U, 3U, 7U}) {
    std::vector<Nanos> merged(all.size());
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
      ArrivalSlice slice(Arrivals(options), lane, lanes);
      for (; slice.offset() != kNever; slice.Advance()) {
        EXPECT_EQ(slice.index() % lanes, lane);
        merged[slice.index()] = slice.offset();
      }
      EXPECT_EQ(slice.total(), all.size());
    }
    EXPECT_EQ(merged, all);
  }
}

TEST(ArrivalSliceTest, ALaneMayHaveNothingToDo) {
  const ArrivalSlice slice(
      Arrivals({.profile = Profile::Hold(1, kNever), .limit = 2}), 5, 8);

  EXPECT_EQ(slice.offset(), kNever);
  EXPECT_EQ(slice.total(), 2U);
}

}  // namespace
}  // namespace perfrig::load
