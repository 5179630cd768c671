#include "server/runs/measured_test.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace perfrig::runs {
namespace {

using ::testing::_;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// `ok` calls of 1 ms, all in the window, from 0 to `last`.
load::Tally TallyOf(std::uint64_t ok, Nanos last) {
  load::Tally tally;
  tally.planned = tally.sent = tally.ok = tally.ok_in_window = ok;
  tally.latency.Record(kMillisecond, ok);
  tally.first_planned = 0;
  tally.last_done = last;
  return tally;
}

TEST(ToMeasuredRoundTest, EachGroupHasTheThroughputOfItsOwnWindow) {
  load::Measurement measurement;
  measurement.steps = {TallyOf(100, 2 * kSecond), TallyOf(300, 11 * kSecond),
                       TallyOf(500, 10 * kSecond)};
  measurement.groups = {{.ends_by_count = true}, {.window = 10 * kSecond}};
  const FigureNames names{
      .observed = {},
      .groups = {"count", "time"},
      .steps = {{0, "count"}, {1, "time.a"}, {1, "time.b"}}};

  const MeasuredRound round = ToMeasuredRound(measurement, names);

  EXPECT_THAT(round.steps,
              UnorderedElementsAre(Pair("count", _), Pair("time", _),
                                   Pair("time.a", _), Pair("time.b", _)));
  EXPECT_DOUBLE_EQ(round.steps.at("count").throughput(), 50);
  EXPECT_DOUBLE_EQ(round.steps.at("time").throughput(), 80);
  EXPECT_DOUBLE_EQ(round.steps.at("time.a").throughput(), 30);
  EXPECT_EQ(round.steps.at("time").ok(), 800U);
  // All together over the longest window.
  EXPECT_EQ(round.figures.ok(), 900U);
  EXPECT_EQ(round.figures.latency().count(), 900U);
  EXPECT_DOUBLE_EQ(round.figures.throughput(), 90);
}

TEST(ToMeasuredRoundTest, OneCallHasTheTestsFiguresAlone) {
  load::Measurement measurement;
  measurement.steps = {TallyOf(100, 2 * kSecond)};
  measurement.groups = {{.window = 5 * kSecond}};

  const MeasuredRound round = ToMeasuredRound(
      measurement, {.observed = {}, .groups = {""}, .steps = {{0, ""}}});

  EXPECT_THAT(round.steps, IsEmpty());
  EXPECT_DOUBLE_EQ(round.figures.throughput(), 20);
}

}  // namespace
}  // namespace perfrig::runs
