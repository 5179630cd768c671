#include "server/runs/rounds_interval.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

namespace perfrig::runs {
namespace {

// A test whose rounds took these times, 100 calls each, all of them alike.
class RoundsIntervalTest : public ::testing::Test {
 protected:
  RoundsIntervalTest() {
    suite_.set_name("suites/s");
    for (const char* name : {"t", "other"}) {
      v1::Test& test = *suite_.add_tests();
      test.set_name(name);
      test.add_calls()->set_method("local:noop");
    }
    v1::Observe& observe =
        *suite_.mutable_tests(0)->mutable_calls(0)->add_observe();
    observe.set_name("taken");
    observe.set_path("trailer.taken");
  }

  void Rounds(std::initializer_list<int> milliseconds) {
    for (const int each : milliseconds) {
      Histogram times;
      times.Record(each * kMillisecond, 100);
      v1::Figures& figures = measured_.rounds.emplace_back().figures;
      figures.set_planned(100);
      figures.set_sent(100);
      figures.set_ok(100);
      figures.set_throughput(1'000.0 / each);
      *figures.mutable_service() = ToDistribution(times, true);
      v1::Observed& taken = (*figures.mutable_observed())["taken"];
      taken.set_count(100);
      taken.set_mean(each);
    }
    PoolRounds(measured_);
  }

  // What stands beside the result.
  std::string Said(std::string_view text, v1::Verdict verdict = v1::PASS,
                   const std::string& reason = "") {
    auto threshold = suites::Threshold::Parse(text);
    EXPECT_TRUE(threshold.ok()) << threshold.status();
    const absl::Status resolved = threshold->Resolve(suite_, suite_.tests(0));
    EXPECT_TRUE(resolved.ok()) << resolved;
    v1::ThresholdResult result;
    result.set_verdict(verdict);
    result.set_reason(reason);
    AddRoundsInterval(*threshold, measured_, result);
    return result.reason();
  }

  v1::Suite suite_;
  MeasuredTest measured_;
};

TEST_F(RoundsIntervalTest, IsThatOfTheJudgedFigureOfTheRounds) {
  Rounds({10, 12, 14, 16, 18});

  // 14 ms ± 2.776 · 3.162 ms ÷ √5.
  EXPECT_EQ(Said("service.p95 < 20ms"),
            "95 % interval of the mean of 5 rounds: 10.1 ms to 17.9 ms");
  EXPECT_EQ(Said("service.p95 * 2 < 50ms"),
            "95 % interval of the mean of 5 rounds: 20.1 ms to 35.9 ms");
  EXPECT_EQ(Said("taken.avg < 50"),
            "95 % interval of the mean of 5 rounds: 10.1 to 17.9");
  EXPECT_EQ(Said("throughput > 10/s"),
            "95 % interval of the mean of 5 rounds: 52.7/s to 96.4/s");
}

TEST_F(RoundsIntervalTest, StandsBehindTheReasonOfAMiss) {
  Rounds({10, 10, 10});

  EXPECT_EQ(Said("service.p95 < 5ms", v1::FAIL, "the host paused"),
            "the host paused; 95 % interval of the mean of 3 rounds: 10 ms to "
            "10 ms");
}

TEST_F(RoundsIntervalTest, IsNotToldOfWhatAllRoundsMakeTogether) {
  Rounds({10, 12, 14});

  EXPECT_EQ(Said("service.max < 20ms"), "");
  EXPECT_EQ(Said("calls.ok == 300"), "");
  EXPECT_EQ(Said("errors.rate == 0"), "");
  EXPECT_EQ(Said("service.p95 / other.service.p95 < 2"), "");
}

TEST_F(RoundsIntervalTest, NeedsThreeRoundsAndAVerdict) {
  Rounds({10, 12});
  EXPECT_EQ(Said("service.p95 < 20ms"), "");

  Rounds({14});
  EXPECT_NE(Said("service.p95 < 20ms"), "");
  EXPECT_EQ(Said("service.p95 < 20ms", v1::INCONCLUSIVE, "few"), "few");
}

}  // namespace
}  // namespace perfrig::runs
