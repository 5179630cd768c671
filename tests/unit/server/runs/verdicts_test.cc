#include "server/runs/verdicts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace perfrig::runs {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

// A test of one call with these thresholds, and what was measured of it.
struct Case {
  v1::Suite suite;
  MeasuredTest measured;

  Case(std::initializer_list<const char*> expect) {
    suite.set_name("suites/s");
    v1::Test& test = *suite.add_tests();
    test.set_name("t");
    test.add_calls()->set_method("perfrig.target.v1.Echo/Call");
    for (const char* text : expect) test.add_expect(text);
    measured.rounds.emplace_back();
  }

  // `calls` ok calls that took `latency` and `service`.
  Case& Measured(int calls, Nanos latency, Nanos service) {
    Histogram latencies;
    latencies.Record(latency, static_cast<std::uint64_t>(calls));
    Histogram services;
    services.Record(service, static_cast<std::uint64_t>(calls));
    Histogram lags;
    lags.Record(latency - service, static_cast<std::uint64_t>(calls));
    v1::Figures& figures = measured.rounds[0].figures;
    figures.set_planned(calls);
    figures.set_sent(calls);
    figures.set_ok(calls);
    *figures.mutable_latency() = ToDistribution(latencies, true);
    *figures.mutable_service() = ToDistribution(services, true);
    *figures.mutable_lag() = ToDistribution(lags, true);
    return *this;
  }

  // Seconds in which so many calls were done, fast, and the host paused.
  Case& Seconds(int count, std::uint64_t calls, Nanos hiccup) {
    Histogram latencies;
    latencies.Record(kMillisecond, calls);
    for (int i = 0; i < count; ++i) {
      auto& second = measured.rounds[0].seconds.emplace_back();
      second.seconds = 1;
      second.latency = latencies.ToProto();
      second.worst_hiccup = hiccup;
    }
    return *this;
  }

  Judged Judge() {
    PoolRounds(measured);
    return runs::Judge(suite, suite.tests(0), measured,
                       [this](const std::string&, const std::string& test) {
                         return test.empty() || test == "t" ? &measured
                                                            : nullptr;
                       });
  }
};

TEST(VerdictsTest, TheWorstVerdictWins) {
  EXPECT_EQ(Worse(v1::PASS, v1::SKIPPED), v1::PASS);
  EXPECT_EQ(Worse(v1::PASS, v1::INCONCLUSIVE), v1::INCONCLUSIVE);
  EXPECT_EQ(Worse(v1::INVALID, v1::FAIL), v1::FAIL);
  EXPECT_EQ(Worse(v1::CANCELLED, v1::FAIL), v1::CANCELLED);
  EXPECT_EQ(Worse(v1::CANCELLED, v1::ERROR), v1::ERROR);
}

TEST(VerdictsTest, PassesWhenEveryThresholdHolds) {
  Case test({"latency.p95 < 100ms"});

  const Judged judged =
      test.Measured(100, 20 * kMillisecond, 20 * kMillisecond).Judge();

  EXPECT_EQ(judged.verdict, v1::PASS);
  ASSERT_EQ(judged.thresholds.size(), 2);
  EXPECT_TRUE(judged.thresholds[1].implied());
  EXPECT_EQ(judged.thresholds[1].expression(), "errors.rate == 0");
  EXPECT_THAT(judged.thresholds[0].margin_text(), HasSubstr("below"));
}

TEST(VerdictsTest, FailsWithValueAndMargin) {
  Case test({"latency.p95 < 10ms"});

  const Judged judged =
      test.Measured(100, 40 * kMillisecond, 40 * kMillisecond).Judge();

  EXPECT_EQ(judged.verdict, v1::FAIL);
  EXPECT_THAT(judged.reason, HasSubstr("latency.p95 < 10ms: 40"));
  EXPECT_THAT(judged.reason, HasSubstr("above"));
}

TEST(VerdictsTest, AMissThatTheGeneratorsLagExplainsIsInvalid) {
  Case test({"latency.p95 < 30ms"});

  const Judged judged =
      test.Measured(100, 40 * kMillisecond, 20 * kMillisecond).Judge();

  EXPECT_EQ(judged.verdict, v1::INVALID);
  EXPECT_THAT(judged.reason, HasSubstr("service"));
}

TEST(VerdictsTest, AWaitForThePeersStreamLimitIsTheTargetsFault) {
  Case test({"latency.p95 < 30ms"});
  test.Measured(100, 40 * kMillisecond, 20 * kMillisecond);
  Histogram nothing;
  nothing.Record(0, 100);
  Histogram waits;
  waits.Record(20 * kMillisecond, 100);
  v1::Figures& figures = test.measured.rounds[0].figures;
  *figures.mutable_lag() = ToDistribution(nothing, true);
  *figures.mutable_stream_wait() = ToDistribution(waits, true);

  EXPECT_EQ(test.Judge().verdict, v1::FAIL);
}

TEST(VerdictsTest, AMissThatTheMocksLatenessExplainsIsInvalid) {
  Case test({"latency.p95 < 30ms"});
  test.Measured(100, 40 * kMillisecond, 40 * kMillisecond);
  test.measured.mock_lateness.Record(15 * kMillisecond, 100);

  EXPECT_EQ(test.Judge().verdict, v1::INVALID);
}

TEST(VerdictsTest, AMissThatTheQuietSecondsDoNotShareIsInvalid) {
  Case latency({"latency.p95 < 30ms"});
  latency.Measured(100, 40 * kMillisecond, 40 * kMillisecond)
      .Seconds(2, 50, 0)
      .Seconds(2, 50, 20 * kMillisecond);
  Case throughput({"throughput > 90/s"});
  throughput.Measured(300, kMillisecond, kMillisecond)
      .Seconds(2, 100, 0)
      .Seconds(2, 50, 20 * kMillisecond);
  throughput.measured.rounds[0].figures.set_throughput(75);

  EXPECT_EQ(latency.Judge().verdict, v1::INVALID);
  EXPECT_EQ(throughput.Judge().verdict, v1::INVALID);
}

TEST(VerdictsTest, AMissWithTooFewQuietSecondsFailsAndSaysSo) {
  for (const char* bound : {"throughput > 90/s", "latency.p95 < 30ms"}) {
    Case test({bound});
    test.Measured(200, 40 * kMillisecond, 40 * kMillisecond)
        .Seconds(1, 100, 0)
        .Seconds(3, 30, 20 * kMillisecond);
    test.measured.rounds[0].figures.set_throughput(50);

    const Judged judged = test.Judge();

    EXPECT_EQ(judged.verdict, v1::FAIL) << bound;
    EXPECT_THAT(judged.reason, HasSubstr("paused in 75 % of the seconds"))
        << bound;
  }
}

TEST(VerdictsTest, PausesAreNoReservationAgainstAMissThatTheyCannotCause) {
  Case test({"errors.rate == 0"});
  test.Measured(10, kMillisecond, kMillisecond)
      .Seconds(1, 10, 20 * kMillisecond);
  test.measured.rounds[0].figures.set_planned(20);

  const Judged judged = test.Judge();

  EXPECT_EQ(judged.verdict, v1::FAIL);
  EXPECT_THAT(judged.reason, Not(HasSubstr("paused")));
}

TEST(VerdictsTest, TheThroughputOfAStepIsNotThatOfTheWholeTest) {
  Case test({"one.throughput > 90/s"});
  test.suite.mutable_tests(0)->mutable_calls(0)->set_name("one");
  *test.suite.mutable_tests(0)->add_calls() = test.suite.tests(0).calls(0);
  test.suite.mutable_tests(0)->mutable_calls(1)->set_name("two");
  test.Measured(200, kMillisecond, kMillisecond)
      .Seconds(2, 100, 0)
      .Seconds(1, 50, 20 * kMillisecond);
  v1::Figures& step = test.measured.rounds[0].steps["one"];
  step = test.measured.rounds[0].figures;
  step.set_throughput(50);

  EXPECT_EQ(test.Judge().verdict, v1::FAIL);
}

TEST(VerdictsTest, ABusyLaneMakesAMissInvalidButNotForLocalCalls) {
  Case test({"latency.p95 < 10ms"});
  test.Measured(100, 40 * kMillisecond, 40 * kMillisecond);
  test.measured.lane_cpu = 0.95;

  EXPECT_EQ(test.Judge().verdict, v1::INVALID);
  test.measured.local = true;
  EXPECT_EQ(test.Judge().verdict, v1::FAIL);
}

TEST(VerdictsTest, TooFewSamplesAreInconclusiveAndSayHowManyMore) {
  Case test({"latency.p95 < 10ms"});

  const Judged judged = test.Measured(70, kMillisecond, kMillisecond).Judge();

  EXPECT_EQ(judged.verdict, v1::INCONCLUSIVE);
  EXPECT_THAT(judged.reason, HasSubstr("needs 72 samples, has 70: 2 more"));
}

TEST(VerdictsTest, ATestWithoutSamplesNeverPasses) {
  Case test({"latency.p50 < 10ms"});

  EXPECT_EQ(test.Judge().verdict, v1::INCONCLUSIVE);
}

TEST(VerdictsTest, ATargetThatAlwaysFailsFails) {
  Case test({"latency.p50 < 10ms"});
  test.measured.rounds[0].figures.set_planned(50);
  test.measured.rounds[0].figures.set_sent(50);
  test.measured.rounds[0].figures.set_failed(50);

  const Judged judged = test.Judge();

  EXPECT_EQ(judged.verdict, v1::FAIL);
  EXPECT_THAT(judged.reason, HasSubstr("errors.rate == 0"));
}

TEST(VerdictsTest, AnOpenLoopThatSentTooLittleFailsOrIsInvalid) {
  Case test({"errors.rate < 50%"});
  test.Measured(90, kMillisecond, kMillisecond);
  v1::Figures& figures = test.measured.rounds[0].figures;
  figures.set_planned(100);
  figures.set_dropped(10);
  test.measured.open_loops = {""};

  const Judged filled = test.Judge();
  EXPECT_EQ(filled.verdict, v1::FAIL);
  EXPECT_THAT(filled.reason, HasSubstr("max_in_flight"));

  Histogram lag;
  lag.Record(5 * kMillisecond, 100);
  *figures.mutable_lag() = ToDistribution(lag, true);
  EXPECT_EQ(test.Judge().verdict, v1::INVALID);
}

TEST(VerdictsTest, EachOpenGroupMustSendItsPlan) {
  Case test({"errors.rate < 50%"});
  test.Measured(10'000, kMillisecond, kMillisecond);
  v1::Figures& group = test.measured.rounds[0].steps["fast"];
  group.set_planned(100);
  group.set_sent(90);
  group.set_dropped(10);
  test.measured.open_loops = {"slow", "fast"};

  const Judged judged = test.Judge();

  EXPECT_EQ(judged.verdict, v1::FAIL);
  EXPECT_THAT(judged.reason, HasSubstr("fast sent 90.0 % of the planned"));
}

TEST(VerdictsTest, AFilledCapIsNamedBeforeAHostThatPaused) {
  Case test({"latency.p50 < 0.5ms"});
  test.Measured(90, kMillisecond, kMillisecond);
  test.Seconds(5, 18, 5 * kMillisecond);
  v1::Figures& figures = test.measured.rounds[0].figures;
  figures.set_planned(100);
  figures.set_dropped(10);
  test.measured.open_loops = {""};

  const Judged judged = test.Judge();

  EXPECT_EQ(judged.verdict, v1::FAIL);
  EXPECT_THAT(judged.reason,
              ContainsRegex("^sent 90.0 % .*filled max_in_flight; "
                            "latency.p50 < 0.5ms.*the host paused"));
}

TEST(VerdictsTest, GradesHowFarAThresholdWasMissed) {
  struct Graded {
    const char* expect;
    v1::Grade grade;
  };
  for (const Graded& each :
       std::vector<Graded>{{"latency.p50 < 30ms", v1::DEGRADED},
                           {"latency.p50 < 19ms", v1::BAD},
                           {"throughput > 70/s", v1::DEGRADED},
                           {"throughput > 101/s", v1::BAD},
                           {"success.rate > 93%", v1::DEGRADED},
                           {"success.rate > 96%", v1::BAD},
                           {"calls.ok == 91", v1::DEGRADED},
                           {"latency.p50 < 50ms", v1::GRADE_UNSPECIFIED}}) {
    Case test({each.expect});
    test.Measured(90, 40 * kMillisecond, 40 * kMillisecond);
    test.measured.rounds[0].figures.set_planned(100);
    test.measured.rounds[0].figures.set_throughput(50);

    EXPECT_EQ(test.Judge().thresholds[0].grade(), each.grade) << each.expect;
  }
}

// So many full windows, all judged; the worst at 40 ms.
WindowFigures Windows(std::uint64_t windows, std::uint64_t missed) {
  WindowFigures figures;
  figures.windows = windows;
  figures.judged = windows;
  figures.missed = missed;
  figures.worst = {.measured = true,
                   .holds = missed == 0,
                   .observed = 0.04,
                   .bound = missed == 0 ? 0.05 : 0.03};
  figures.begin = 20 * kSecond;
  return figures;
}

TEST(VerdictsTest, AThresholdMustHoldInEveryWindow) {
  Case test({"latency.p50 < 30ms in every 10s"});
  // As a whole it would hold.
  test.Measured(100, kMillisecond, kMillisecond);
  test.measured.windows["latency.p50 < 30ms in every 10s"] = Windows(6, 1);

  const Judged judged = test.Judge();

  EXPECT_EQ(judged.verdict, v1::FAIL);
  EXPECT_EQ(judged.reason,
            "latency.p50 < 30ms in every 10s: 40 ms, 10 ms above the bound "
            "(missed in 1; worst of 6 windows, from 20 s of round 1)");
}

TEST(VerdictsTest, TellsTheWorstOfTheWindowsThatHold) {
  Case test({"latency.p50 < 50ms in every 10s"});
  test.Measured(100, kMillisecond, kMillisecond);
  test.measured.windows["latency.p50 < 50ms in every 10s"] = Windows(6, 0);

  const Judged judged = test.Judge();

  EXPECT_EQ(judged.verdict, v1::PASS);
  EXPECT_EQ(judged.thresholds[0].observed_text(), "40 ms");
  EXPECT_EQ(judged.thresholds[0].reason(),
            "worst of 6 windows, from 20 s of round 1");
}

TEST(VerdictsTest, WindowsWithoutFiguresAreNoPass) {
  Case test({"latency.p50 < 50ms in every 10s"});
  test.Measured(100, kMillisecond, kMillisecond);
  EXPECT_EQ(test.Judge().verdict, v1::INCONCLUSIVE);

  WindowFigures& figures =
      test.measured.windows["latency.p50 < 50ms in every 10s"];
  figures = Windows(6, 0);
  figures.judged = 5;
  figures.too_few = 1;
  figures.fewest.samples_needed = 6;
  figures.fewest.samples = 2;
  const Judged judged = test.Judge();
  EXPECT_EQ(judged.verdict, v1::INCONCLUSIVE);
  EXPECT_THAT(judged.reason, HasSubstr("1 of 6 windows"));
  EXPECT_THAT(judged.reason, HasSubstr("needs 6, has 2"));
}

TEST(VerdictsTest, WindowsThatTheRigDisturbedAreInvalid) {
  Case test({"latency.p50 < 30ms in every 10s"});
  test.Measured(100, kMillisecond, kMillisecond);
  WindowFigures& figures =
      test.measured.windows["latency.p50 < 30ms in every 10s"];
  figures = Windows(6, 0);
  figures.missed_by_rig = 1;
  figures.worst_by_rig = true;

  EXPECT_EQ(test.Judge().verdict, v1::INVALID);
}

TEST(VerdictsTest, AThresholdThatEndedTheTestIsItsReason) {
  Case test({"calls.ok == 1000"});
  test.suite.mutable_tests(0)->add_abort_on_fail("latency.p50 < 30ms");
  test.Measured(100, kMillisecond, kMillisecond);
  v1::ThresholdResult& ended = test.measured.ended_by.emplace();
  ended.set_expression("latency.p50 < 30ms");
  ended.set_verdict(v1::FAIL);
  ended.set_observed_text("40.0 ms");
  ended.set_reason("ended the test after 3.00 s");

  const Judged judged = test.Judge();

  EXPECT_EQ(judged.verdict, v1::FAIL);
  EXPECT_EQ(judged.reason,
            "latency.p50 < 30ms: 40.0 ms (ended the test after 3.00 s)");
  EXPECT_EQ(judged.thresholds[1].observed_text(), "40.0 ms");
}

TEST(VerdictsTest, AThresholdThatDidNotEndTheTestIsJudgedAsOthers) {
  Case test({});
  test.suite.mutable_tests(0)->add_abort_on_fail("latency.p50 < 30ms");

  EXPECT_EQ(test.Measured(100, kMillisecond, kMillisecond).Judge().verdict,
            v1::PASS);
}

}  // namespace
}  // namespace perfrig::runs
