#include "client/views/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/str_split.h"
#include "client/terminal/format.h"
#include "client/terminal/text.h"
#include "client/views/test_details.h"
#include "client/views/verdict.h"
#include "tests/unit/client/views/sample_run.h"

namespace perfrig {
namespace {

using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

ReportOptions Plain() { return {.style = {.color = false, .utf8 = true}}; }

TEST(ExitCodeTest, FollowsTheVerdict) {
  EXPECT_EQ(ExitCode(v1::PASS), 0);
  EXPECT_EQ(ExitCode(v1::FAIL), 99);
  EXPECT_EQ(ExitCode(v1::INCONCLUSIVE), 98);
  EXPECT_EQ(ExitCode(v1::INVALID), 97);
  EXPECT_EQ(ExitCode(v1::ERROR), 1);
  EXPECT_EQ(ExitCode(v1::CANCELLED), 130);
}

TEST(ExitCodeTest, IsNeverAPassWhereNothingRan) {
  EXPECT_EQ(ExitCode(v1::SKIPPED), 1);
  EXPECT_EQ(ExitCode(v1::VERDICT_UNSPECIFIED), 1);
}

TEST(ReportTest, ShowsEachTestInTheTable) {
  const std::string text = RenderReport(FinishedRun(), Plain());

  EXPECT_THAT(text, HasSubstr("quickstart  First steps"));
  EXPECT_THAT(text, HasSubstr("✓ echo      PASS     2,000  1,234/s  80.0 µs  "
                              " 160 µs   240 µs   320 µs           0"));
  EXPECT_THAT(text, HasSubstr("✗ database  FAIL       400"));
  EXPECT_THAT(text, HasSubstr("100 (25 %)"));
}

TEST(ReportTest, ShowsThresholdsWithValueAndMargin) {
  const std::string text = RenderReport(FinishedRun(), Plain());

  EXPECT_THAT(text, HasSubstr("✓ latency.p95 < 5ms  160 µs  4.84 ms below"));
  EXPECT_THAT(text,
              HasSubstr("✗ errors.rate == 0 (implied)  25 %  25 % above"));
  EXPECT_THAT(text, HasSubstr("100 of 400 calls failed"));
}

TEST(ReportTest, ShowsFiguresThatNobodyJudgesBelowTheThresholds) {
  v1::Run run = FinishedRun();
  v1::TestResult& test = *run.mutable_suites(0)->mutable_tests(0);
  for (const auto& [expression, text] :
       {std::pair("latency.p50 * 2", "160 µs"), std::pair("a", "–")}) {
    v1::ShownFigure& shown = *test.add_shown();
    shown.set_expression(expression);
    shown.set_text(text);
  }
  (*test.mutable_figures()->mutable_observed())["phase.work"].set_count(5);
  (*test.mutable_figures()->mutable_observed())["hits"].set_count(5);

  const std::string text = RenderReport(run, Plain());

  EXPECT_THAT(text, HasSubstr("4.84 ms below\n"
                              "      latency.p50 * 2  160 µs\n"
                              "      a                     –\n"));
  EXPECT_THAT(text, HasSubstr("hits: avg"));
  EXPECT_THAT(text, Not(HasSubstr("phase.work: avg")));
}

TEST(ReportTest, CountsSkippedTestsAndSaysWhy) {
  v1::Run run = FinishedRun();
  v1::TestResult& skipped = *run.mutable_suites(0)->add_tests();
  skipped.set_test("cached");
  skipped.set_state(v1::FINISHED);
  skipped.set_verdict(v1::SKIPPED);
  skipped.set_reason("no redis: perfrigd was started without --redis");

  const std::string text = RenderReport(run, Plain());

  EXPECT_THAT(text, HasSubstr("cached  SKIPPED: no redis: perfrigd was started "
                              "without --redis"));
  EXPECT_THAT(text, HasSubstr("1 of 3 tests passed, 1 skipped in"));
}

TEST(ReportTest, ShowsWhatProcessesUsedInBytes) {
  v1::Run run = FinishedRun();
  v1::Observed memory;
  memory.set_count(3);
  memory.set_mean(2e6);
  memory.set_max(3e6);
  (*run.mutable_suites(0)
        ->mutable_tests(0)
        ->mutable_figures()
        ->mutable_observed())["resources.memory"] = memory;

  EXPECT_THAT(RenderReport(run, Plain()),
              HasSubstr("resources.memory: avg " + FormatBytes(2e6)));
}

TEST(ReportTest, ExplainsWhatIsNotAPass) {
  const std::string text = RenderReport(FinishedRun(), Plain());

  EXPECT_THAT(text, HasSubstr("FAIL: errors.rate is 25 %, must be 0"));
  EXPECT_THAT(text, HasSubstr("calls: OK 300 · UNAVAILABLE 100"));
  EXPECT_THAT(text,
              HasSubstr("#7 at 0.500 s: UNAVAILABLE: injected [2J fault"));
  EXPECT_THAT(text, HasSubstr("#9 at 0.700 s: 80.0 ms"));
  EXPECT_THAT(text, HasSubstr("hint: the target refuses calls"));
}

TEST(ReportTest, TellsOfGoodCallsWhereSomeAre) {
  v1::Run run = FinishedRun();
  EXPECT_THAT(RenderReport(run, Plain()), Not(HasSubstr("goodput")));

  v1::Figures& figures =
      *run.mutable_suites(0)->mutable_tests(0)->mutable_figures();
  figures.set_good(1'000);
  figures.set_goodput(617);

  EXPECT_THAT(RenderReport(run, Plain()),
              HasSubstr("goodput: 617/s · 50 % good"));
}

TEST(ReportTest, TellsTheRigsOwnErrorInOneLine) {
  EXPECT_EQ(RigLine(PassingTest(), Plain().style),
            "rig: 1 connection · lag p50 20.0 µs p99 60.0 µs · worst hiccup "
            "400 µs · lane CPU 12.5 %");
  EXPECT_EQ(RigLine(v1::TestResult(), Plain().style), "");
}

TEST(ReportTest, EndsWithTheVerdict) {
  EXPECT_THAT(
      RenderReport(FinishedRun(), Plain()),
      EndsWith("FAIL  runs/20260301-1 · 1 of 2 tests passed in 13.0 s · "
               "again: perfrig result 20260301-1\n"));
}

TEST(ReportTest, TellsTheStateOfARunWithoutAVerdict) {
  v1::Run queued;
  queued.set_name("runs/20260301-1");
  queued.set_state(v1::QUEUED);
  queued.add_suites()->add_tests()->set_test("echo");
  v1::Run running = queued;
  running.set_state(v1::RUNNING);
  running.set_progress(0.25);
  *running.mutable_suites(0)->add_tests() = PassingTest();
  ReportOptions options = Plain();
  options.again = false;

  EXPECT_THAT(RenderReport(queued, options),
              EndsWith("queued  runs/20260301-1 · 0 tests finished so far\n"));
  EXPECT_THAT(
      RenderReport(running, options),
      EndsWith("running 25 %  runs/20260301-1 · 1 test finished so far\n"));
}

TEST(ReportTest, IsTheReasonAloneWhereNoTestBegan) {
  v1::Run run = FinishedRun();
  run.set_reason("no target answers");
  run.mutable_suites(0)->clear_tests();
  run.clear_start_time();
  run.add_suites();

  EXPECT_EQ(RenderReport(run, Plain()),
            "no target answers\n"
            "FAIL  runs/20260301-1 · 0 tests · again: perfrig result "
            "20260301-1\n");
}

TEST(ReportTest, DoesNotSendPeopleToADaemonThatHasEnded) {
  ReportOptions options = Plain();
  options.again = false;

  EXPECT_THAT(RenderReport(FinishedRun(), options),
              Not(HasSubstr("perfrig result")));
}

TEST(ReportTest, ListsTheTestsThatTookLongest) {
  ReportOptions options = Plain();
  options.slowest_tests = 1;

  EXPECT_THAT(RenderReport(FinishedRun(), options),
              HasSubstr("slowest tests\n     10.0 s  quickstart/database\n"));
}

TEST(ReportTest, FitsANarrowTerminalAndKeepsNamesAndVerdicts) {
  v1::Run run = FinishedRun();
  v1::SuiteResult& suite = *run.mutable_suites(0);
  suite.mutable_tests(0)->set_test("a_long_name_of_a_test_about_reads");
  suite.mutable_tests(1)->set_test("a_long_name_of_a_test_about_writes");
  suite.mutable_tests(1)->set_verdict(v1::INCONCLUSIVE);
  suite.mutable_tests(1)->add_hints(std::string(60, 'x') + " more words");
  for (const int columns : {72, 80, 100}) {
    ReportOptions options = Plain();
    options.columns = columns;

    const std::string text = RenderReport(run, options);

    EXPECT_THAT(text, ContainsRegex("✓ a_[^ ]*_reads +PASS "));
    EXPECT_THAT(text, ContainsRegex("! a_[^ ]*_writes +INCONCLUSIVE "));
    EXPECT_THAT(text, Not(HasSubstr("max")));
    const std::vector<std::string> lines = absl::StrSplit(text, '\n');
    for (const std::string& line : lines) {
      EXPECT_LE(DisplayWidth(line), columns) << line;
    }
  }
}

TEST(ReportTest, WrapsBetweenFacts) {
  ReportOptions options = Plain();
  options.columns = 72;

  const std::string text = RenderReport(FinishedRun(), options);

  EXPECT_THAT(text, HasSubstr("    rig: 1 connection · lag p50 20.0 µs p99 "
                              "60.0 µs ·\n"
                              "      worst hiccup 400 µs · lane CPU 12.5 %\n"));
  EXPECT_THAT(text, EndsWith("FAIL  runs/20260301-1 · 1 of 2 tests passed in "
                             "13.0 s ·\n  again: perfrig result 20260301-1\n"));
}

TEST(ReportTest, ShowsRoundsAndStepsBelowTheirTest) {
  v1::Run run = FinishedRun();
  v1::TestResult& result = *run.mutable_suites(0)->mutable_tests(0);
  *result.add_rounds() = result.figures();
  *result.add_rounds() = result.figures();
  (*result.mutable_steps())["put"] = result.figures();

  const std::string text = RenderReport(run, Plain());

  EXPECT_THAT(text, HasSubstr("    round 2 "));
  EXPECT_THAT(text, HasSubstr("    put "));
}

TEST(ReportTest, ShowsTheSpreadOfManyRoundsInThreeLines) {
  v1::Run run = FinishedRun();
  v1::TestResult& result = *run.mutable_suites(0)->mutable_tests(0);
  for (int i = 1; i <= 1'000; ++i) {
    v1::Figures& round = *result.add_rounds();
    round.set_planned(100);
    round.set_sent(100);
    round.set_ok(i == 1'000 ? 98 : 100);
    round.set_throughput(i);
    // The last round answered nothing.
    if (i < 1'000) {
      SetLatency(static_cast<std::uint64_t>(i) * 1'000,
                 round.mutable_latency());
    }
  }

  const std::string text = RenderReport(run, Plain());

  EXPECT_THAT(text, Not(HasSubstr("round 2")));
  EXPECT_THAT(text, ContainsRegex("1,000 rounds: min +100 +1/s +1.00 µs .* 0"));
  EXPECT_THAT(text, ContainsRegex("median +100 +50[01]/s +500 µs .* 0"));
  EXPECT_THAT(text, ContainsRegex("max +100 +1,000/s +999 µs .* 2"));
}

TEST(ReportTest, CountsThePlannedCallsOfWhichErrorsAreAShare) {
  v1::Run run = FinishedRun();
  v1::Figures& figures =
      *run.mutable_suites(0)->mutable_tests(0)->mutable_figures();
  figures.set_planned(600);
  figures.set_sent(299);
  figures.set_ok(299);
  figures.set_dropped(301);

  EXPECT_THAT(RenderReport(run, Plain()),
              ContainsRegex("PASS +600 .* 301 \\(50.2 %\\)"));
}

TEST(ReportTest, TellsAHintThatIsTheReasonOnce) {
  v1::Run run = FinishedRun();
  v1::TestResult& result = *run.mutable_suites(0)->mutable_tests(1);
  result.clear_hints();
  result.add_hints(result.reason());

  EXPECT_THAT(RenderReport(run, Plain()), Not(HasSubstr("hint:")));
}

TEST(ReportTest, ShowsWhatASearchTried) {
  v1::Run run = FinishedRun();
  v1::TestResult& test = *run.mutable_suites(0)->mutable_tests(0);
  for (const auto& [rate, reason] : std::vector<std::pair<double, std::string>>{
           {500, ""}, {1000, "latency.p95 < 10ms: 12 ms"}}) {
    v1::SearchTry& tried = *test.add_tries();
    tried.set_rate(rate);
    tried.set_verdict(reason.empty() ? v1::PASS : v1::FAIL);
    tried.set_reason(reason);
  }

  EXPECT_THAT(RenderReport(run, Plain()),
              HasSubstr("    tries:\n"
                        "      ✓   500/s\n"
                        "      ✗ 1,000/s  latency.p95 < 10ms: 12 ms\n"));
}

TEST(ReportTest, MarksWhatIsMissedByFar) {
  v1::Run run = FinishedRun();
  v1::TestResult& test = *run.mutable_suites(0)->mutable_tests(1);
  v1::ThresholdResult& threshold = *test.add_thresholds();
  threshold.set_expression("latency.p50 < 1ms");
  threshold.set_verdict(v1::FAIL);
  threshold.set_observed_text("9 ms");
  threshold.set_margin_text("8 ms above");

  threshold.set_grade(v1::DEGRADED);
  EXPECT_THAT(RenderReport(run, Plain()), Not(HasSubstr("above · bad")));
  threshold.set_grade(v1::BAD);
  EXPECT_THAT(RenderReport(run, Plain()), HasSubstr("8 ms above · bad\n"));
}

TEST(ReportTest, ShowsWhatOnlyStreamsHave) {
  v1::Run run = FinishedRun();
  EXPECT_THAT(RenderReport(run, Plain()), Not(HasSubstr("streams:")));
  v1::Figures& figures =
      *run.mutable_suites(0)->mutable_tests(0)->mutable_figures();
  SetLatency(2'000'000, figures.mutable_first_message());
  EXPECT_THAT(RenderReport(run, Plain()), Not(HasSubstr("streams:")));
  SetLatency(50'000, figures.mutable_message_gap());

  EXPECT_THAT(RenderReport(run, Plain()),
              HasSubstr("    streams: first_message p50 2.00 ms p95 4.00 ms · "
                        "message_gap p50 50.0 µs p95 100 µs\n"));
}

TEST(ReportTest, ShowsHowSessionsWereAnswered) {
  v1::Run run = FinishedRun();
  v1::Figures& figures =
      *run.mutable_suites(0)->mutable_tests(0)->mutable_figures();
  SetLatency(50'000, figures.mutable_message_latency());

  EXPECT_THAT(
      RenderReport(run, Plain()),
      HasSubstr("    sessions: message_latency p50 50.0 µs p95 100 µs\n"));
}

TEST(ReportTest, ShowsRetriesWhereThereWereSome) {
  v1::Run run = FinishedRun();
  EXPECT_THAT(RenderReport(run, Plain()), Not(HasSubstr("retries")));
  v1::Figures& figures =
      *run.mutable_suites(0)->mutable_tests(0)->mutable_figures();
  figures.set_retries(1200);
  figures.mutable_backoff()->set_p50_ns(100'000'000);
  figures.mutable_backoff()->set_max_ns(240'000'000);

  EXPECT_THAT(
      RenderReport(run, Plain()),
      HasSubstr("    retries: 1,200 · backoff p50 100 ms max 240 ms\n"));
}

TEST(ReportTest, IsPlainAsciiWhereTheStyleSaysSo) {
  v1::Run run = FinishedRun();
  for (auto& test : *run.mutable_suites(0)->mutable_tests()) {
    test.clear_thresholds();
  }

  for (const char byte : RenderReport(run, {})) {
    EXPECT_LT(static_cast<unsigned char>(byte), 0x80);
  }
}

}  // namespace
}  // namespace perfrig
