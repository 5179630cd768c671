#include "client/views/live_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/terminal/text.h"
#include "tests/unit/client/views/sample_run.h"

namespace perfrig {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::ResultOf;
using ::testing::SizeIs;

constexpr Style kStyle = {.color = false, .utf8 = true};

LiveView AfterSeconds(int seconds) {
  LiveView view(kStyle);
  view.Apply(RunningEvent(), 80);
  view.Apply(StartedEvent(), 80);
  view.Apply(SnapshotEvent(seconds), 80);
  return view;
}

TEST(LiveViewTest, IsEmptyBeforeTheFirstEvent) {
  EXPECT_THAT(LiveView(kStyle).Frame(80), IsEmpty());
}

TEST(LiveViewTest, ShowsTheTestAtWork) {
  const std::vector<std::string> frame = AfterSeconds(5).Frame(120);

  ASSERT_THAT(frame, SizeIs(5));
  EXPECT_THAT(frame[0], HasSubstr("▸ echo"));
  EXPECT_THAT(frame[0], HasSubstr("0:05 of 0:10"));
  EXPECT_THAT(frame[1],
              HasSubstr("998/s of 1,000/s   p50 80.0 µs  p95  160 µs  p99  240 "
                        "µs   3 errors   12 in flight"));
  EXPECT_THAT(frame[2],
              HasSubstr("rig: lag p99 60.0 µs · worst hiccup 300 µs"));
  EXPECT_THAT(frame[4],
              HasSubstr("25 % · test 1 of 2 · 0:15 left · runs/20260301-1"));
}

TEST(LiveViewTest, FitsAnyWidth) {
  for (const int columns : {20, 40, 60, 80, 100, 200}) {
    for (const std::string& line : AfterSeconds(5).Frame(columns)) {
      EXPECT_LE(DisplayWidth(line), columns) << line;
    }
  }
}

TEST(LiveViewTest, WarnsWhenTheHostStoodStill) {
  LiveView view = AfterSeconds(1);
  v1::RunEvent event = SnapshotEvent(2);
  event.mutable_snapshot()->set_worst_hiccup_ns(12'000'000);

  view.Apply(event, 80);

  EXPECT_THAT(view.Frame(160)[2],
              HasSubstr("worst hiccup 12.0 ms · something else is at work"));
}

TEST(LiveViewTest, LeavesALineForAFinishedTest) {
  LiveView view = AfterSeconds(5);
  v1::RunEvent event;
  *event.mutable_test_finished()->mutable_result() = FailingTest();

  const std::vector<std::string> lines = view.Apply(event, 200);

  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_THAT(lines[0], HasSubstr("✗ database"));
  EXPECT_THAT(lines[0], HasSubstr("errors.rate is 25 %, must be 0"));
  EXPECT_THAT(view.Frame(80), SizeIs(1));
}

TEST(LiveViewTest, KeepsTheReasonOnANarrowTerminal) {
  v1::TestResult result = FailingTest();
  result.set_reason("latency.p95 < 5ms: 40.0 ms, 35.0 ms above the bound");

  EXPECT_THAT(FinishedLines(result, kStyle, 80),
              ElementsAre("✗ database                      FAIL      400 calls"
                          "  p50 20.0 ms  p99 60.0 ms",
                          "    latency.p95 < 5ms: 40.0 ms, 35.0 ms above the "
                          "bound"));
  EXPECT_THAT(FinishedLines(result, kStyle, 40),
              ElementsAre("✗ database      FAIL      400 calls  p5…",
                          "    latency.p95 < 5ms: 40.0 ms, 35.0 ms",
                          "    above the bound"));
}

TEST(LiveViewTest, LongNamesOfFinishedTestsStillDiffer) {
  v1::TestResult result = PassingTest();
  result.set_test("a_name_of_a_test_that_goes_on_and_on_to_reads");

  EXPECT_THAT(FinishedLines(result, kStyle, 80),
              ElementsAre(AllOf(HasSubstr("on_to_reads  PASS"),
                                ResultOf(DisplayWidth, 80))));
}

TEST(LiveViewTest, LeavesOutP95BeforeItCutsTheFigures) {
  EXPECT_THAT(AfterSeconds(5).Frame(80)[1],
              AllOf(Not(HasSubstr("p95")), EndsWith("12 in flight")));
}

TEST(LiveViewTest, WrapsNotes) {
  LiveView view(kStyle);
  v1::RunEvent event;
  event.set_note("waiting for the target");

  EXPECT_THAT(view.Apply(event, 18),
              ElementsAre("  waiting for the", "  target"));
}

TEST(LiveViewTest, ShowsWarmUpAndRounds) {
  LiveView view = AfterSeconds(1);
  v1::RunEvent event = SnapshotEvent(2);
  event.mutable_snapshot()->set_warmup(true);
  view.Apply(event, 80);
  EXPECT_THAT(view.Frame(160)[0], HasSubstr("warming up"));

  event = SnapshotEvent(3);
  event.mutable_snapshot()->set_round(2);
  view.Apply(event, 80);
  EXPECT_THAT(view.Frame(160)[0], HasSubstr("round 2"));
}

TEST(LiveViewTest, ShowsHowManyRunsAreAhead) {
  LiveView view(kStyle);
  v1::RunEvent event = RunningEvent();
  event.mutable_run()->set_state(v1::QUEUED);
  event.mutable_run()->set_queue_position(2);

  view.Apply(event, 80);

  EXPECT_THAT(view.Frame(80),
              ElementsAre("runs/20260301-1 waits, 2 runs ahead of it"));
}

TEST(LiveViewTest, ShowsANoticeUntilItIsTakenBack) {
  LiveView view = AfterSeconds(1);
  view.SetNotice("cancelling");
  EXPECT_EQ(view.Frame(80).back(), "cancelling");

  view.SetNotice("");
  EXPECT_THAT(view.Frame(80).back(), HasSubstr("test 1 of 2"));
}

TEST(LiveViewTest, GoesAwayWhenTheRunHasFinished) {
  LiveView view = AfterSeconds(5);
  v1::RunEvent event;
  *event.mutable_finished() = FinishedRun();

  view.Apply(event, 80);

  EXPECT_THAT(view.Frame(80), IsEmpty());
}

TEST(LiveViewTest, GetsAlongWithASnapshotAlone) {
  LiveView view(kStyle);

  view.Apply(SnapshotEvent(3), 80);

  EXPECT_THAT(view.Frame(80)[0], HasSubstr("echo"));
}

}  // namespace
}  // namespace perfrig
