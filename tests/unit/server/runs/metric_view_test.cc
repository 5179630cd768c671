#include "server/runs/metric_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <initializer_list>

namespace perfrig::runs {
namespace {

using suites::MetricRef;

MetricRef Ref(std::string metric, std::string aggregate = "",
              std::string step = "") {
  MetricRef ref;
  ref.metric = std::move(metric);
  ref.aggregate = std::move(aggregate);
  ref.step = std::move(step);
  return ref;
}

v1::Distribution Times(std::initializer_list<Nanos> millis) {
  Histogram times;
  for (const Nanos time : millis) times.Record(time * kMillisecond);
  return ToDistribution(times, true);
}

MeasuredRound Round(std::initializer_list<Nanos> latencies) {
  MeasuredRound round;
  v1::Figures& figures = round.figures;
  figures.set_planned(latencies.size());
  figures.set_sent(latencies.size());
  figures.set_ok(latencies.size());
  *figures.mutable_latency() = Times(latencies);
  *figures.mutable_service() = Times(latencies);
  (*figures.mutable_statuses())["OK"] = latencies.size();
  return round;
}

MeasuredTest Pooled(std::initializer_list<MeasuredRound> rounds) {
  MeasuredTest test;
  test.rounds = rounds;
  PoolRounds(test);
  return test;
}

TEST(MetricViewTest, JudgesLatencyOnTheMedianOfTheRounds) {
  const MeasuredTest test = Pooled({Round({10}), Round({30}), Round({20})});

  const auto value = ValueOf(test, Ref("latency", "p50"), {});

  ASSERT_TRUE(value.value);
  EXPECT_NEAR(*value.value, 0.020, 1e-4);
  EXPECT_EQ(value.samples, 1);
}

TEST(MetricViewTest, PoolsCountsAndRatesOverTheRounds) {
  MeasuredRound broken = Round({10});
  broken.figures.set_planned(3);
  const MeasuredTest test =
      Pooled({Round({10, 10, 10, 10, 10, 10, 10}), broken});

  EXPECT_DOUBLE_EQ(*ValueOf(test, Ref("errors", "rate"), {}).value, 0.2);
  EXPECT_DOUBLE_EQ(*ValueOf(test, Ref("success", "rate"), {}).value, 0.8);
  EXPECT_DOUBLE_EQ(*ValueOf(test, Ref("calls.planned"), {}).value, 10);
  EXPECT_DOUBLE_EQ(*ValueOf(test, Ref("status.OK", "count"), {}).value, 8);
  EXPECT_DOUBLE_EQ(*ValueOf(test, Ref("status.ABORTED", "count"), {}).value, 0);
}

TEST(MetricViewTest, DroppedAndUnfinishedCallsRankAboveEverySample) {
  MeasuredRound round = Round({1, 1, 1, 1, 1, 1, 1, 1});
  round.figures.set_planned(10);
  round.figures.set_dropped(1);
  round.figures.set_unfinished(1);
  const MeasuredTest test = Pooled({round});

  EXPECT_NEAR(*ValueOf(test, Ref("latency", "p50"), {}).value, 0.001, 1e-5);
  EXPECT_TRUE(std::isinf(*ValueOf(test, Ref("latency", "p90"), {}).value));
  EXPECT_TRUE(std::isinf(*ValueOf(test, Ref("latency", "max"), {}).value));
}

TEST(MetricViewTest, NothingMeasuredGivesNoValue) {
  MeasuredRound nothing;
  const MeasuredTest test = Pooled({nothing});

  EXPECT_FALSE(ValueOf(test, Ref("latency", "p50"), {}).value);
  EXPECT_FALSE(ValueOf(test, Ref("errors", "rate"), {}).value);
  EXPECT_FALSE(ValueOf(test, Ref("throughput"), {}).value);
  EXPECT_FALSE(ValueOf(MeasuredTest(), Ref("latency", "p50"), {}).value);
}

TEST(MetricViewTest, StepsHaveFiguresOfTheirOwn) {
  MeasuredRound round = Round({10, 30});
  round.steps["read"] = Round({30}).figures;
  const MeasuredTest test = Pooled({round});

  EXPECT_NEAR(*ValueOf(test, Ref("latency", "max", "read"), {}).value, 0.030,
              1e-4);
  EXPECT_FALSE(ValueOf(test, Ref("latency", "max", "write"), {}).value);
}

TEST(MetricViewTest, VariantsTakeTheRigsOwnErrorOff) {
  MeasuredRound round = Round({50, 50});
  *round.figures.mutable_service() = Times({20, 20});
  Histogram disturbed;
  disturbed.Record(90 * kMillisecond);
  Histogram quiet;
  quiet.Record(5 * kMillisecond);
  round.seconds = {{1, 0, quiet.ToProto(), {}, {}},
                   {1, 40 * kMillisecond, disturbed.ToProto(), {}, {}}};
  MeasuredTest test = Pooled({round});
  test.mock_lateness.Record(10 * kMillisecond);

  const auto p50 = [&](Variant variant) {
    return *ValueOf(test, Ref("latency", "p50"), {variant, kMillisecond}).value;
  };
  EXPECT_NEAR(p50(Variant::kAsMeasured), 0.050, 1e-4);
  EXPECT_NEAR(p50(Variant::kService), 0.020, 1e-4);
  EXPECT_NEAR(p50(Variant::kQuietSeconds), 0.005, 1e-4);
  EXPECT_NEAR(p50(Variant::kLessMockLateness), 0.040, 1e-4);
  EXPECT_DOUBLE_EQ(QuietShare(test, kMillisecond).value(), 0.5);
}

TEST(MetricViewTest, ObservedRatesArePooledAndMeansAreMedians) {
  const auto observing = [](double mean, std::uint64_t count) {
    MeasuredRound round = Round({1});
    v1::Observed& hit = (*round.figures.mutable_observed())["hit"];
    hit.set_count(count);
    hit.set_mean(mean);
    hit.set_sum(mean * static_cast<double>(count));
    return round;
  };
  const MeasuredTest test =
      Pooled({observing(1, 10), observing(0.5, 10), observing(0.6, 20)});

  EXPECT_NEAR(*ValueOf(test, Ref("hit", "rate"), {}).value, 27.0 / 40, 1e-12);
  EXPECT_DOUBLE_EQ(*ValueOf(test, Ref("hit", "avg"), {}).value, 0.6);
  EXPECT_DOUBLE_EQ(*ValueOf(test, Ref("hit", "count"), {}).value, 40);
}

}  // namespace
}  // namespace perfrig::runs
