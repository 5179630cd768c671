#include "server/runs/runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>
#include <ranges>
#include <thread>
#include <vector>

#include "common/status/details.h"
#include "google/protobuf/util/time_util.h"
#include "tests/unit/server/runs/fake_access.h"

namespace perfrig::runs {
namespace {

using google::protobuf::util::TimeUtil;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The machine's clock, which can be set forward.
class JumpingClock final : public Clock {
 public:
  Nanos Now() const override { return clock_.Now() + ahead_; }
  absl::Time WallTime() const override { return clock_.WallTime(); }
  void SleepUntil(Nanos deadline) override {
    clock_.SleepUntil(deadline - ahead_);
  }
  void Jump(Nanos time) { ahead_ += time; }

 private:
  SystemClock clock_;
  std::atomic<Nanos> ahead_ = 0;
};

class RunsTest : public ::testing::Test {
 protected:
  RunsTest()
      : access_(clock_, {{"noop", drivers::Stateless([](std::string_view) {
                            return absl::OkStatus();
                          })},
                         {"pause", drivers::Stateless([this](std::string_view) {
                            clock_.SleepUntil(clock_.Now() + 20 * kMillisecond);
                            return absl::OkStatus();
                          })},
                         {"broken", drivers::Stateless([](std::string_view) {
                            return absl::InternalError("it is broken");
                          })}}),
        catalog_("", {},
                 {{"broken", nullptr}, {"noop", nullptr}, {"pause", nullptr}}),
        runs_(clock_, catalog_, access_, {}, {.queue = 2, .kept = 3}, "test",
              [this](const auto&, const auto&) { ++queued_; }) {}

  static v1::Suite SuiteOf(const std::string& method, int iterations,
                           const std::string& expect = "") {
    v1::Suite suite;
    suite.set_name("suites/made-up");
    v1::Test& test = *suite.add_tests();
    test.set_name("t");
    test.add_calls()->set_method(method);
    test.mutable_load()->set_users(1);
    if (iterations > 0) {
      test.mutable_load()->set_iterations(iterations);
    } else {
      *test.mutable_load()->mutable_duration() =
          TimeUtil::SecondsToDuration(60);
    }
    if (!expect.empty()) test.add_expect(expect);
    return suite;
  }

  static v1::StartRunRequest Of(const v1::Suite& suite) {
    v1::StartRunRequest request;
    *request.add_inline_suites() = suite;
    return request;
  }

  // Blocks until the run has ended.
  v1::Run Finished(const std::string& name) {
    const auto log = *runs_.Log(name);
    Mutex mutex;
    CondVar changed;
    bool told = false;
    const auto id = log->AddListener([&] {
      MutexLock lock(mutex);
      told = true;
      changed.NotifyAll();
    });
    for (;;) {
      bool missed = false;
      const auto events = log->Read(0, 10'000, &missed);
      if (!events.empty() && events.back()->has_finished()) {
        log->RemoveListener(id);
        return events.back()->finished();
      }
      MutexLock lock(mutex);
      while (!told) changed.Wait(mutex);
      told = false;
    }
  }

  JumpingClock clock_;
  FakeAccess access_;
  suites::Catalog catalog_;
  std::atomic<int> queued_ = 0;
  Runs runs_;
};

TEST_F(RunsTest, ARunPassesAndKeepsItsFigures) {
  const auto started = runs_.Start(Of(SuiteOf("local:noop", 100)));
  ASSERT_TRUE(started.ok()) << started.status();

  const v1::Run run = Finished(started->name());

  EXPECT_EQ(run.state(), v1::FINISHED);
  EXPECT_EQ(run.verdict(), v1::PASS) << run.reason();
  ASSERT_EQ(run.suites_size(), 1);
  EXPECT_EQ(run.suites(0).tests(0).figures().ok(), 100);
  EXPECT_EQ(runs_.Get(started->name())->verdict(), v1::PASS);
}

TEST_F(RunsTest, AFailingTargetFailsTheRunAndItsCallsAreKept) {
  const auto started = runs_.Start(Of(SuiteOf("local:broken", 20)));

  const v1::Run run = Finished(started->name());

  EXPECT_EQ(run.verdict(), v1::FAIL);
  const v1::TestResult& test = run.suites(0).tests(0);
  EXPECT_EQ(test.figures().ok(), 0);
  EXPECT_EQ(test.failed_size(), 10);
  EXPECT_EQ(test.failed(0).message(), "it is broken");
}

TEST_F(RunsTest, AMixHasFiguresOfEachOfItsCalls) {
  v1::Suite suite = SuiteOf("local:noop", 1'000);
  v1::Test& test = *suite.mutable_tests(0);
  test.set_mix(true);
  test.mutable_calls(0)->set_name("often");
  test.mutable_calls(0)->set_weight(9);
  v1::Call& seldom = *test.add_calls();
  seldom.set_name("seldom");
  seldom.set_method("local:broken");
  test.add_expect("often.errors.rate == 0");
  test.add_expect("seldom.errors.rate == 1");

  const v1::Run run = Finished(runs_.Start(Of(suite))->name());

  EXPECT_EQ(run.verdict(), v1::PASS) << run.reason();
  const v1::TestResult& result = run.suites(0).tests(0);
  EXPECT_EQ(result.figures().planned(), 1'000);
  EXPECT_NEAR(static_cast<double>(result.steps().at("often").planned()), 900,
              60);
  EXPECT_EQ(result.steps().at("seldom").failed(),
            1'000 - result.steps().at("often").ok());
  EXPECT_EQ(result.failed(0).step(), "seldom");
}

TEST_F(RunsTest, GroupsAreJudgedEachByItself) {
  v1::Suite suite = SuiteOf("local:noop", 1);
  v1::Test& test = *suite.mutable_tests(0);
  test.clear_calls();
  test.clear_load();
  test.set_rounds(2);
  v1::Group& right = *test.add_groups();
  right.set_name("right");
  right.add_calls()->set_method("local:noop");
  right.mutable_load()->set_users(2);
  right.mutable_load()->set_iterations(50);
  v1::Group& wrong = *test.add_groups();
  wrong.set_name("wrong");
  for (const char* step : {"one", "two"}) {
    v1::Call& call = *wrong.add_calls();
    call.set_name(step);
    call.set_method("local:noop");
  }
  wrong.mutable_calls(1)->set_method("local:broken");
  wrong.mutable_load()->set_burst(5);
  for (const char* text :
       {"right.success.rate == 1", "right.calls.planned == 100",
        "wrong.one.errors.rate == 0", "wrong.two.errors.rate == 1",
        "wrong.errors.rate == 50%", "calls.planned == 120"}) {
    test.add_expect(text);
  }

  const v1::Run run = Finished(runs_.Start(Of(suite))->name());

  EXPECT_EQ(run.verdict(), v1::PASS) << run.reason();
  const v1::TestResult& result = run.suites(0).tests(0);
  EXPECT_EQ(result.steps_size(), 4);
  EXPECT_EQ(result.failed(0).step(), "wrong.two");
  // Each counts its iterations for itself, over all rounds.
  EXPECT_LT(result.failed(0).sequence(), 5);
  EXPECT_GE(result.failed(9).sequence(), 5);
}

TEST_F(RunsTest, GoodputIsOfTheCallsThatAreGood) {
  v1::Suite suite = SuiteOf("local:pause", 10, "good.rate == 0");
  v1::Test& test = *suite.mutable_tests(0);
  test.add_expect("goodput == 0");
  test.add_expect("throughput > 0");
  test.set_good("latency < 1ms");
  v1::Test& other = *suite.add_tests() = test;
  other.set_name("all");
  other.clear_expect();
  other.add_expect("goodput / throughput == 1");
  other.set_good("call.latency >= 20ms");

  const v1::Run run = Finished(runs_.Start(Of(suite))->name());

  EXPECT_EQ(run.verdict(), v1::PASS) << run.reason();
  EXPECT_EQ(run.suites(0).tests(1).figures().good(), 10);
}

TEST_F(RunsTest, AWarmUpEndsWhenTheLoadIsSteadyAndIsInNoFigure) {
  v1::Suite suite = SuiteOf("local:pause", 1);
  v1::Test& test = *suite.mutable_tests(0);
  test.clear_load();
  test.mutable_load()->set_rate(20);
  test.mutable_load()->mutable_duration()->set_seconds(1);
  test.set_warmup_auto(true);

  const std::string name = runs_.Start(Of(suite))->name();
  const v1::Run run = Finished(name);

  EXPECT_EQ(run.verdict(), v1::PASS) << run.reason();
  const v1::TestResult& result = run.suites(0).tests(0);
  EXPECT_EQ(result.figures().planned(), 20);
  EXPECT_GE(result.slowest(0).sequence(), 60);
  ASSERT_EQ(result.shown_size(), 1);
  EXPECT_EQ(result.shown(0).expression(), "warmup");
  EXPECT_GE(result.shown(0).value(), 3);
  EXPECT_LE(result.shown(0).value(), 35);
  bool missed = false;
  int warmups = 0;
  for (const auto& event : (*runs_.Log(name))->Read(0, 10'000, &missed)) {
    if (event->has_snapshot() && event->snapshot().warmup()) ++warmups;
  }
  EXPECT_GE(warmups, 3);
}

TEST_F(RunsTest, RefusesAnUnknownFunction) {
  const auto started = runs_.Start(Of(SuiteOf("local:brokn", 1)));

  EXPECT_TRUE(absl::IsInvalidArgument(started.status()));
  EXPECT_EQ(std::string(started.status().message()),
            "tests.t.call this daemon has no function \"local:brokn\" (did you "
            "mean broken?); it has broken, noop, pause");
}

TEST_F(RunsTest, ATestWhoseNeedsAreNotMetIsSkippedAndSaysWhy) {
  v1::Suite suite = SuiteOf("local:noop", 5);
  suite.mutable_tests(0)->add_needs("s3");
  *suite.add_tests() = SuiteOf("local:noop", 5).tests(0);
  suite.mutable_tests(1)->set_name("u");
  suite.mutable_tests(1)->add_needs("redis");

  const v1::Run run = Finished(runs_.Start(Of(suite))->name());

  EXPECT_EQ(run.verdict(), v1::PASS);
  const v1::SuiteResult& result = run.suites(0);
  EXPECT_EQ(result.tests(0).verdict(), v1::SKIPPED);
  EXPECT_EQ(result.tests(0).reason(), "no s3");
  EXPECT_EQ(result.tests(0).figures().planned(), 0);
  EXPECT_EQ(result.tests(1).verdict(), v1::PASS);
}

TEST_F(RunsTest, ARunOfNothingButSkippedTestsDoesNotPass) {
  v1::Suite suite = SuiteOf("local:noop", 5);
  suite.add_needs("s3");

  const v1::Run run = Finished(runs_.Start(Of(suite))->name());

  EXPECT_EQ(run.verdict(), v1::SKIPPED);
  EXPECT_EQ(run.reason(), "t: no s3");
  EXPECT_EQ(access_.targets.resets, 0);
}

TEST_F(RunsTest, ATargetOfATestTakesThePlaceOfTheSuites) {
  v1::Suite suite = SuiteOf("local:noop", 5);
  suite.add_targets("forbidden:1");
  suite.mutable_tests(0)->add_targets("self");

  EXPECT_EQ(Finished(runs_.Start(Of(suite))->name()).verdict(), v1::PASS);

  suite.mutable_tests(0)->clear_targets();
  EXPECT_TRUE(absl::IsPermissionDenied(runs_.Start(Of(suite)).status()));
}

TEST_F(RunsTest, TargetsOfTheRequestTakeThePlaceOfATests) {
  v1::Suite suite = SuiteOf("local:noop", 5);
  suite.mutable_tests(0)->add_targets("forbidden:1");
  v1::StartRunRequest request = Of(suite);
  request.add_targets("self");

  EXPECT_EQ(Finished(runs_.Start(request)->name()).verdict(), v1::PASS);
}

TEST_F(RunsTest, TargetsAreResetBeforeAndAfterEachTest) {
  Finished(runs_.Start(Of(SuiteOf("local:noop", 1)))->name());

  EXPECT_EQ(access_.targets.resets, 2);
}

TEST_F(RunsTest, RefusesTargetsChangedByHandUnlessToldToResetThem) {
  access_.targets.changed_by_hand = true;
  v1::StartRunRequest request = Of(SuiteOf("local:noop", 1));

  const v1::Run refused = Finished(runs_.Start(request)->name());
  request.set_reset_targets(true);
  const v1::Run allowed = Finished(runs_.Start(request)->name());

  EXPECT_EQ(refused.verdict(), v1::ERROR);
  EXPECT_THAT(refused.reason(), HasSubstr("--reset-targets"));
  EXPECT_EQ(allowed.verdict(), v1::PASS);
}

TEST_F(RunsTest, AForbiddenTargetIsRefusedNamingTheFlag) {
  v1::Suite suite = SuiteOf("local:noop", 1);
  suite.add_targets("forbidden:1");

  const absl::Status refused = runs_.Start(Of(suite)).status();

  EXPECT_TRUE(absl::IsPermissionDenied(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("--allow-target"));
}

TEST_F(RunsTest, ARunningRunCanBeCancelledTwice) {
  const std::string name = runs_.Start(Of(SuiteOf("local:noop", 0)))->name();

  ASSERT_TRUE(runs_.Cancel(name, "enough").ok());
  ASSERT_TRUE(runs_.Cancel(name, "again").ok());
  const v1::Run run = Finished(name);

  EXPECT_EQ(run.verdict(), v1::CANCELLED);
  EXPECT_EQ(run.reason(), "enough");
}

TEST_F(RunsTest, AFullQueueSaysHowLongItIs) {
  const v1::StartRunRequest endless = Of(SuiteOf("local:noop", 0));
  std::vector<std::string> names;
  absl::Status refused;
  for (int i = 0; i < 4 && refused.ok(); ++i) {
    const auto run = runs_.Start(endless);
    refused = run.status();
    if (run.ok()) names.push_back(run->name());
  }

  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("2 runs are waiting"));
  ASSERT_TRUE(QuotaOf(refused).has_value());
  EXPECT_EQ(QuotaOf(refused)->violations(0).subject(), "runs/queue");
  EXPECT_EQ(runs_.Exclusively([](const std::stop_token&) {}), refused);
  for (const std::string& name : std::ranges::reverse_view(names)) {
    EXPECT_TRUE(runs_.Cancel(name, "").ok());
    EXPECT_EQ(Finished(name).verdict(), v1::CANCELLED);
  }
}

TEST_F(RunsTest, AQueuedRunCanBeCancelledBeforeItBegins) {
  const std::string first = runs_.Start(Of(SuiteOf("local:noop", 0)))->name();
  const std::string second = runs_.Start(Of(SuiteOf("local:noop", 0)))->name();

  const auto cancelled = runs_.Cancel(second, "not needed");

  EXPECT_EQ(cancelled->verdict(), v1::CANCELLED);
  EXPECT_EQ(Finished(second).reason(), "not needed");
  ASSERT_TRUE(runs_.Cancel(first, "").ok());
}

TEST_F(RunsTest, ARunThatNobodyWatchesIsCancelledAfterTenSeconds) {
  const std::string name = runs_.Start(Of(SuiteOf("local:noop", 0)))->name();
  {
    const auto watcher = runs_.Watch(name);
    runs_.CancelWithoutWatcher(name);
  }

  clock_.Jump(10 * kSecond);
  // Whatever happens makes it look at the clock, which jumps behind its back.
  const std::string next = runs_.Start(Of(SuiteOf("local:noop", 1)))->name();
  const v1::Run run = Finished(name);

  EXPECT_EQ(run.verdict(), v1::CANCELLED);
  EXPECT_THAT(run.reason(), HasSubstr("watched"));
  EXPECT_EQ(Finished(next).verdict(), v1::PASS);
}

TEST_F(RunsTest, AResultIsHeldOnce) {
  const std::string name = runs_.Start(Of(SuiteOf("local:noop", 1)))->name();
  Finished(name);

  bool missed = false;
  const auto events = (*runs_.Log(name))->Read(0, 10'000, &missed);

  EXPECT_EQ(runs_.Recent(1).front().get(), &events.back()->finished());
}

TEST_F(RunsTest, WatchersGetSnapshotsWithoutHistograms) {
  v1::Suite suite = SuiteOf("local:noop", 0);
  *suite.mutable_tests(0)->mutable_load()->mutable_duration() =
      TimeUtil::MillisecondsToDuration(100);
  const std::string name = runs_.Start(Of(suite))->name();
  Finished(name);

  bool missed = false;
  int snapshots = 0;
  for (const auto& event : (*runs_.Log(name))->Read(0, 10'000, &missed)) {
    if (!event->has_snapshot()) continue;
    ++snapshots;
    const v1::Figures& total = event->snapshot().total();
    EXPECT_GT(total.latency().count(), 0);
    EXPECT_FALSE(total.latency().has_histogram());
  }
  EXPECT_GT(snapshots, 0);
}

TEST_F(RunsTest, ARepeatedKeyGivesTheSameRun) {
  v1::StartRunRequest request = Of(SuiteOf("local:noop", 1));
  request.set_idempotency_key("k");

  const auto first = runs_.Start(request);
  const auto second = runs_.Start(request);

  EXPECT_EQ(first->name(), second->name());
  EXPECT_EQ(queued_, 1);
  Finished(first->name());
}

TEST_F(RunsTest, KeepsTheNewestFinishedRunsAndPagesThroughThem) {
  std::string last;
  for (int i = 0; i < 5; ++i) {
    last = runs_.Start(Of(SuiteOf("local:noop", 1)))->name();
    Finished(last);
  }
  runs_.Drain(clock_.Now() + 10 * kSecond);

  v1::ListRunsRequest request;
  request.set_page_size(2);
  const auto page = runs_.List(request);
  ASSERT_EQ(page->runs_size(), 2);
  EXPECT_EQ(page->runs(0).name(), last);
  request.set_page_token(page->next_page_token());
  const auto rest = runs_.List(request);
  EXPECT_EQ(rest->runs_size(), 1);
  EXPECT_TRUE(rest->next_page_token().empty());
}

TEST_F(RunsTest, DrainStopsOtherWorkThatDoesNotEndInTime) {
  std::promise<void> begun;
  std::vector<bool> stopped;
  const auto work = [&](const std::stop_token& stop) {
    if (stopped.empty()) begun.set_value();
    while (!stop.stop_requested()) std::this_thread::yield();
    stopped.push_back(true);
  };
  ASSERT_TRUE(runs_.Exclusively(work).ok());
  ASSERT_TRUE(runs_.Exclusively(work).ok());
  begun.get_future().wait();

  runs_.Drain(clock_.Now());

  EXPECT_EQ(stopped.size(), 2U);
}

TEST_F(RunsTest, DrainCancelsWhatDoesNotEndInTime) {
  const std::string name = runs_.Start(Of(SuiteOf("local:noop", 0)))->name();

  runs_.Drain(clock_.Now());

  EXPECT_EQ(runs_.Get(name)->verdict(), v1::CANCELLED);
  EXPECT_THAT(runs_.Get(name)->reason(), HasSubstr("shutting down"));
  EXPECT_TRUE(
      absl::IsUnavailable(runs_.Start(Of(SuiteOf("local:noop", 1))).status()));
}

TEST_F(RunsTest, UnknownRunsAreNotFound) {
  EXPECT_TRUE(absl::IsNotFound(runs_.Get("runs/nope").status()));
  EXPECT_TRUE(absl::IsNotFound(runs_.Cancel("nope", "").status()));
  EXPECT_TRUE(absl::IsNotFound(runs_.Log("nope").status()));
}

TEST_F(RunsTest, ThresholdsMayNameLaterTests) {
  v1::Suite suite = SuiteOf("local:noop", 100, "later.calls.ok == 50");
  v1::Test& later = *suite.add_tests();
  later = suite.tests(0);
  later.set_name("later");
  later.clear_expect();
  later.mutable_load()->set_iterations(50);

  const v1::Run run = Finished(runs_.Start(Of(suite))->name());

  EXPECT_EQ(run.verdict(), v1::PASS) << run.reason();
}

TEST_F(RunsTest, ATestIsAnnouncedOnceWhenTestsThatItNamesHaveRun) {
  v1::Suite suite = SuiteOf("local:noop", 10, "last.calls.ok == 10");
  for (const char* name : {"between", "last"}) {
    v1::Test& test = *suite.add_tests();
    test = suite.tests(0);
    test.set_name(name);
    test.clear_expect();
  }
  suite.mutable_tests(2)->add_expect("t.calls.ok == 10");
  const std::string name = runs_.Start(Of(suite))->name();
  Finished(name);

  bool missed = false;
  std::vector<std::string> told;
  for (const auto& event : (*runs_.Log(name))->Read(0, 10'000, &missed)) {
    if (event->has_test_started()) told.push_back(event->test_started().test());
    if (!event->has_test_finished()) continue;
    const v1::TestResult& result = event->test_finished().result();
    told.push_back(result.test() + " " + v1::Verdict_Name(result.verdict()));
  }

  EXPECT_THAT(told, ElementsAre("t", "between", "between PASS", "last",
                                "t PASS", "last PASS"));
}

TEST_F(RunsTest, AThresholdThatDoesNotHoldEndsItsTest) {
  v1::Suite suite = SuiteOf("local:broken", 0);
  suite.mutable_tests(0)->add_abort_on_fail("errors.rate < 50%");
  suite.mutable_tests(0)->set_rounds(3);

  const v1::Run run = Finished(runs_.Start(Of(suite))->name());

  EXPECT_EQ(run.verdict(), v1::FAIL);
  const v1::TestResult& test = run.suites(0).tests(0);
  EXPECT_THAT(test.reason(), HasSubstr("errors.rate < 50%: 100 %"));
  EXPECT_THAT(test.reason(), HasSubstr("ended the test after"));
  EXPECT_EQ(test.rounds_size(), 1);
  EXPECT_GT(test.figures().failed(), 0U);
}

TEST_F(RunsTest, ASearchFindsAndConfirmsTheHighestRate) {
  v1::Suite suite = SuiteOf("local:noop", 0, "calls.planned <= 120");
  v1::Test& test = *suite.mutable_tests(0);
  test.add_expect("search.rate > 50/s");
  test.mutable_load()->Clear();
  test.mutable_load()->mutable_duration()->set_seconds(1);
  v1::Search& search = *test.mutable_load()->mutable_search();
  search.set_from(50);
  search.set_to(1'000);
  search.set_precision(0.5);

  const v1::Run run = Finished(runs_.Start(Of(suite))->name());

  const v1::TestResult& result = run.suites(0).tests(0);
  EXPECT_EQ(result.verdict(), v1::PASS) << result.reason();
  std::vector<std::string> tries;
  for (const v1::SearchTry& tried : result.tries()) {
    tries.push_back(std::to_string(static_cast<int>(tried.rate())) + " " +
                    v1::Verdict_Name(tried.verdict()));
  }
  // What is planned in a second is the rate, whatever the host does.
  EXPECT_THAT(tries, ElementsAre("50 PASS", "100 PASS", "200 FAIL", "150 FAIL",
                                 "100 PASS"));
  EXPECT_EQ(result.figures().planned(), 100U);
  EXPECT_EQ(result.thresholds(1).observed(), 100);
}

TEST_F(RunsTest, ASearchWithoutARateThatHoldsFails) {
  v1::Suite suite = SuiteOf("local:broken", 0, "search.rate > 50/s");
  v1::Load& load = *suite.mutable_tests(0)->mutable_load();
  load.Clear();
  load.mutable_duration()->set_seconds(1);
  load.mutable_search()->set_from(50);
  load.mutable_search()->set_to(100);

  const v1::Run run = Finished(runs_.Start(Of(suite))->name());

  EXPECT_EQ(run.verdict(), v1::FAIL);
  EXPECT_EQ(run.suites(0).tests(0).tries_size(), 1);
}

TEST_F(RunsTest, AThresholdIsJudgedInWindows) {
  v1::Suite suite = SuiteOf("local:noop", 0, "throughput > 1/s in every 1s");
  suite.mutable_tests(0)->mutable_load()->mutable_duration()->set_seconds(3);

  const v1::Run run = Finished(runs_.Start(Of(suite))->name());

  EXPECT_EQ(run.verdict(), v1::PASS) << run.reason();
  EXPECT_THAT(run.suites(0).tests(0).thresholds(0).reason(),
              HasSubstr("worst of"));
}

TEST_F(RunsTest, AThresholdMayNameATestOfAnotherSuite) {
  v1::StartRunRequest request =
      Of(SuiteOf("local:noop", 10, "other/t.calls.ok == 20"));
  v1::Suite& other = *request.add_inline_suites();
  other = SuiteOf("local:noop", 20);
  other.set_name("suites/other");
  other.mutable_tests(0)->add_tags("unwanted");
  request.add_tags("!unwanted");

  const v1::Run run = Finished(runs_.Start(request)->name());

  EXPECT_EQ(run.verdict(), v1::PASS) << run.reason();
  ASSERT_EQ(run.suites_size(), 2);
  EXPECT_FALSE(run.suites(0).tests(0).needed_by_other());
  EXPECT_TRUE(run.suites(1).tests(0).needed_by_other());
}

// Of `tests` tests, each of 10 calls.
v1::Suite ManyTests(const v1::Suite& one, const std::string& name, int tests) {
  v1::Suite suite = one;
  suite.set_name(name);
  for (int i = 1; i < tests; ++i) {
    v1::Test& test = *suite.add_tests();
    test = suite.tests(0);
    test.set_name("t" + std::to_string(i));
  }
  return suite;
}

// As they began.
std::vector<std::string> OrderOf(const EventLog& log) {
  bool missed = false;
  std::vector<std::string> order;
  for (const auto& event : log.Read(0, 10'000, &missed)) {
    if (!event->has_test_started()) continue;
    order.push_back(event->test_started().suite() + "/" +
                    event->test_started().test());
  }
  return order;
}

TEST_F(RunsTest, ASeedMixesTheTestsOfAllSuitesAlwaysTheSame) {
  const v1::Suite one = SuiteOf("local:noop", 10);
  v1::StartRunRequest request = Of(ManyTests(one, "suites/a", 8));
  *request.add_inline_suites() = ManyTests(one, "suites/b", 8);
  std::vector<std::vector<std::string>> orders;
  for (const std::uint64_t seed : {0, 7, 7}) {
    request.set_shuffle_seed(seed);
    const v1::Run run = Finished(runs_.Start(request)->name());
    EXPECT_EQ(run.verdict(), v1::PASS) << run.reason();
    EXPECT_EQ(run.suites_size(), 2);
    orders.push_back(OrderOf(**runs_.Log(run.name())));
  }

  EXPECT_EQ(orders[1], orders[2]);
  EXPECT_NE(orders[0], orders[1]);
  EXPECT_THAT(orders[1], ::testing::UnorderedElementsAreArray(orders[0]));
}

TEST_F(RunsTest, ShuffledTestsAreJudgedOnceThoseThatTheyNameHaveRun) {
  v1::Suite suite = ManyTests(SuiteOf("local:noop", 10), "suites/a", 6);
  for (int i = 0; i < suite.tests_size(); ++i) {
    const int other = (i + 1) % suite.tests_size();
    suite.mutable_tests(i)->add_expect(suite.tests(other).name() +
                                       ".calls.ok == 10");
  }
  v1::StartRunRequest request = Of(suite);
  request.set_shuffle_seed(3);

  const v1::Run run = Finished(runs_.Start(request)->name());

  EXPECT_EQ(run.verdict(), v1::PASS) << run.reason();
}

TEST_F(RunsTest, APlanTellsWhatWouldRunAndKeepsNothing) {
  v1::Suite suite = ManyTests(SuiteOf("local:noop", 0), "suites/a", 2);
  suite.mutable_tests(0)->add_expect("t1.latency.p50 < 1s");
  v1::StartRunRequest request = Of(suite);
  request.add_tests("t");

  const auto plan = runs_.Plan(request);

  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->suites_size(), 1);
  ASSERT_EQ(plan->suites(0).tests_size(), 2);
  const v1::TestResult& first = plan->suites(0).tests(0);
  EXPECT_EQ(first.test(), "t");
  EXPECT_EQ(first.end_time().seconds() - first.start_time().seconds(), 60);
  EXPECT_EQ(plan->suites(0).tests(1).start_time().seconds(),
            first.end_time().seconds());
  EXPECT_TRUE(plan->suites(0).tests(1).needed_by_other());
  EXPECT_EQ(plan->remaining().seconds(), 120);
  EXPECT_EQ(plan->name(), "");
  EXPECT_EQ(queued_, 0);
  EXPECT_EQ(runs_.List({})->runs_size(), 0);
}

TEST_F(RunsTest, APlanTellsWhatWouldBeSkippedAndWhy) {
  v1::Suite suite = ManyTests(SuiteOf("local:noop", 0), "suites/a", 2);
  suite.mutable_tests(0)->add_needs("s3");

  const auto plan = runs_.Plan(Of(suite));

  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->suites(0).tests_size(), 2);
  EXPECT_EQ(plan->suites(0).tests(0).verdict(), v1::SKIPPED);
  EXPECT_EQ(plan->suites(0).tests(0).reason(), "no s3");
  EXPECT_EQ(plan->suites(0).tests(1).reason(), "");
  EXPECT_EQ(plan->remaining().seconds(), 60);
}

TEST_F(RunsTest, APlanTellsTheShuffledOrderByItsTimes) {
  const v1::Suite one = SuiteOf("local:noop", 10);
  v1::StartRunRequest request = Of(ManyTests(one, "suites/a", 5));
  *request.add_inline_suites() = ManyTests(one, "suites/b", 5);
  request.set_shuffle_seed(11);

  const auto plan = runs_.Plan(request);
  const v1::Run run = Finished(runs_.Start(request)->name());

  ASSERT_TRUE(plan.ok()) << plan.status();
  std::map<std::int64_t, std::string> by_time;
  for (const v1::SuiteResult& suite : plan->suites()) {
    for (const v1::TestResult& test : suite.tests()) {
      by_time[TimeUtil::TimestampToNanoseconds(test.start_time())] =
          suite.suite().name() + "/" + test.test();
    }
  }
  std::vector<std::string> planned;
  for (const auto& [time, name] : by_time) planned.push_back(name);
  EXPECT_EQ(planned, OrderOf(**runs_.Log(run.name())));
}

TEST_F(RunsTest, APlanRefusesWhatARunWouldRefuse) {
  v1::StartRunRequest request = Of(SuiteOf("local:noop", 10));
  request.add_targets("forbidden:1");
  EXPECT_TRUE(absl::IsPermissionDenied(runs_.Plan(request).status()));

  request.clear_targets();
  request.add_tests("nope");
  EXPECT_TRUE(absl::IsNotFound(runs_.Plan(request).status()));
}

}  // namespace
}  // namespace perfrig::runs
