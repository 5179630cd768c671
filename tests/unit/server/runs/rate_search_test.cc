#include "server/runs/rate_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <vector>

#include "common/suites/planned_time.h"

namespace perfrig::runs {
namespace {

using ::testing::ElementsAre;

v1::Search Range(double from, double to, double precision) {
  v1::Search search;
  search.set_from(from);
  search.set_to(to);
  search.set_precision(precision);
  return search;
}

// All rates tried, where `holds` says how each goes.
std::vector<double> Tries(RateSearch& search,
                          const std::function<bool(double rate)>& holds) {
  std::vector<double> tries;
  while (search.next()) {
    tries.push_back(*search.next());
    search.Tell(holds(tries.back()));
  }
  return tries;
}

TEST(RateSearchTest, DoublesHalvesAndConfirms) {
  RateSearch search(Range(100, 10'000, 0.1));

  const auto tries = Tries(search, [](double rate) { return rate <= 700; });

  EXPECT_THAT(tries, ElementsAre(100, 200, 400, 800, 600, 700, 750, 700));
  EXPECT_EQ(search.found(), 700);
}

TEST(RateSearchTest, GoesNoHigherThanToldAndConfirmsThat) {
  RateSearch search(Range(100, 300, 0.1));

  EXPECT_THAT(Tries(search, [](double) { return true; }),
              ElementsAre(100, 200, 300, 300));
  EXPECT_EQ(search.found(), 300);
}

TEST(RateSearchTest, FindsNothingWhereTheFirstRateDoesNotHold) {
  RateSearch search(Range(100, 300, 0.1));

  EXPECT_THAT(Tries(search, [](double) { return false; }), ElementsAre(100));
  EXPECT_FALSE(search.found());
}

TEST(RateSearchTest, LowersWhatIsNotConfirmed) {
  RateSearch search(Range(100, 300, 0.1));
  int count = 0;

  const auto tries = Tries(search, [&](double) { return ++count != 4; });

  EXPECT_THAT(tries, ElementsAre(100, 200, 300, 300, 270));
  EXPECT_EQ(search.found(), 270);
}

TEST(RateSearchTest, GivesUpWhatIsNeverConfirmed) {
  RateSearch search(Range(100, 300, 0.1));
  int count = 0;

  const auto tries = Tries(search, [&](double) { return ++count < 4; });

  EXPECT_EQ(tries.size(), 6U);
  EXPECT_FALSE(search.found());
}

TEST(RateSearchTest, NeverTakesMoreTriesThanPlanned) {
  for (const double precision : {0.01, 0.05, 0.3, 0.5}) {
    const v1::Search range = Range(7, 5'000, precision);
    for (double limit = 5; limit < 6'000; limit *= 1.13) {
      RateSearch search(range);
      const auto tries =
          Tries(search, [&](double rate) { return rate <= limit; });
      EXPECT_LE(tries.size(), std::size_t{MostTries(range)});
      if (limit < 7) continue;
      ASSERT_TRUE(search.found());
      EXPECT_LE(*search.found(), limit);
      EXPECT_GE(*search.found() * (1 + precision) * 1.0001,
                std::min(limit, 5'000.0));
    }
  }
}

}  // namespace
}  // namespace perfrig::runs
