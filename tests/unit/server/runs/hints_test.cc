#include "server/runs/hints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/time/clock.h"

namespace perfrig::runs {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Evidence, piece by piece.
struct Case {
  v1::Figures figures;
  std::vector<v1::CallSample> slowest;
  std::vector<v1::CallSample> failed;
  LoadTrend trend;
  bool closed = false;

  // A call of 100 ms that spent so many of them in a phase.
  static v1::CallSample Call(const std::string& phase, std::uint64_t ms) {
    v1::CallSample call;
    call.set_service_ns(100'000'000);
    (*call.mutable_phases_ns())[phase] = ms * 1'000'000;
    return call;
  }

  // A second at this level whose calls took `latency`.
  Case& Second(double level, Nanos latency) {
    Histogram times;
    times.Record(latency, 100);
    trend.Add(level, times);
    return *this;
  }

  std::vector<std::string> Hints() const {
    return runs::Hints({.figures = figures,
                        .slowest = slowest,
                        .failed = failed,
                        .trend = trend,
                        .closed = closed});
  }
};

TEST(HintsTest, NameFailuresByCodeWithTheFirstMessage) {
  Case test;
  test.figures.set_planned(10);
  test.figures.set_ok(5);
  test.figures.set_failed(5);
  (*test.figures.mutable_statuses())["UNAVAILABLE"] = 5;
  v1::CallSample& call = test.failed.emplace_back();
  call.set_status("UNAVAILABLE");
  call.set_message("connection refused");

  EXPECT_THAT(test.Hints(), Contains(HasSubstr("overloaded")));
  EXPECT_THAT(test.Hints(),
              Contains("5 × UNAVAILABLE, first: connection refused"));
}

TEST(HintsTest, DoNotCallFailuresWhatATestWants) {
  Case test;
  test.figures.set_planned(10);
  test.figures.set_ok(9);
  test.figures.set_failed(1);
  (*test.figures.mutable_statuses())["RESOURCE_EXHAUSTED"] = 5;
  (*test.figures.mutable_statuses())["UNAVAILABLE"] = 1;
  test.failed.emplace_back().set_status("UNAVAILABLE");

  EXPECT_THAT(test.Hints(), Contains("1 × UNAVAILABLE"));
  EXPECT_THAT(test.Hints(), Not(Contains(HasSubstr("RESOURCE_EXHAUSTED"))));
}

TEST(HintsTest, CallsThatAreRefusedAreNoSignOfLoad) {
  Case test;
  test.figures.set_planned(10);
  (*test.figures.mutable_statuses())["UNAUTHENTICATED"] = 6;
  (*test.figures.mutable_statuses())["UNAVAILABLE"] = 4;

  EXPECT_THAT(test.Hints(), Contains(HasSubstr("refuses what")));
  EXPECT_THAT(test.Hints(), Not(Contains(HasSubstr("overloaded"))));
}

TEST(HintsTest, NameThePhaseThatDominates) {
  Case test;
  test.slowest = {Case::Call("database", 90), Case::Call("render", 20)};
  test.failed = {Case::Call("database", 70)};

  EXPECT_THAT(test.Hints(),
              Contains(HasSubstr("database took 53 % of the time of the "
                                 "slowest and failed calls: look at indexes")));
}

TEST(HintsTest, APhaseThatNobodyKnowsIsNamedWithoutAdvice) {
  Case test;
  test.slowest = {Case::Call("magic", 60)};

  EXPECT_THAT(test.Hints(),
              Contains("magic took 60 % of the time of the slowest and failed "
                       "calls"));
}

TEST(HintsTest, NoPhaseDominatesWhereNoneTakesHalf) {
  Case test;
  test.slowest = {Case::Call("database", 40), Case::Call("render", 45)};

  EXPECT_THAT(test.Hints(), IsEmpty());
}

TEST(HintsTest, OutliersAndSpread) {
  Case test;
  v1::Distribution& latency = *test.figures.mutable_latency();
  latency.set_count(1000);
  latency.set_p95_ns(10);
  latency.set_p99_ns(31);
  latency.set_mean_ns(8);
  latency.set_stddev_ns(5);

  EXPECT_THAT(test.Hints(), Contains(HasSubstr("three times p95")));
  EXPECT_THAT(test.Hints(), Contains(HasSubstr("inconsistent")));

  latency.set_p99_ns(29);
  latency.set_stddev_ns(3);
  EXPECT_THAT(test.Hints(), IsEmpty());
}

TEST(HintsTest, TellWhereTheKneeIs) {
  Case test;
  test.Second(100, 2 * kMillisecond)
      .Second(200, 2 * kMillisecond)
      .Second(400, 9 * kMillisecond)
      .Second(800, 40 * kMillisecond);

  EXPECT_THAT(test.Hints(),
              Contains("latency rises with the load, on average from 2 ms "
                       "to 40 ms: the knee is near 400/s"));

  test.closed = true;
  EXPECT_THAT(test.Hints(), Contains(HasSubstr("near 400 users")));
}

TEST(HintsTest, ALatencyThatDoesNotRiseHasNoKnee) {
  Case flat;
  flat.Second(100, 2 * kMillisecond).Second(800, 3 * kMillisecond);
  Case once;
  once.Second(100, 2 * kMillisecond)
      .Second(200, 9 * kMillisecond)
      .Second(800, 2 * kMillisecond);
  Case narrow;
  narrow.Second(100, 2 * kMillisecond).Second(150, 9 * kMillisecond);

  EXPECT_THAT(flat.Hints(), IsEmpty());
  EXPECT_THAT(once.Hints(), IsEmpty());
  EXPECT_THAT(narrow.Hints(), IsEmpty());
}

}  // namespace
}  // namespace perfrig::runs
