#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/unit/client/commands/command_line.h"
#include "tests/unit/client/commands/fake_daemon.h"
#include "tests/unit/client/views/sample_run.h"

namespace perfrig {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

v1::RunEvent FinishedEvent(v1::Verdict verdict) {
  v1::RunEvent event;
  event.set_sequence(100);
  *event.mutable_finished() = FinishedRun();
  event.mutable_finished()->set_verdict(verdict);
  return event;
}

std::vector<v1::RunEvent> WholeRun(v1::Verdict verdict) {
  return {RunningEvent(), StartedEvent(), SnapshotEvent(5),
          FinishedEvent(verdict)};
}

const grpc::Status kBroken(grpc::StatusCode::UNAVAILABLE, "socket closed");

class FollowTest : public ::testing::Test {
 protected:
  int Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--address", daemon_.address()});
    return perfrig_.Run(std::move(arguments));
  }

  FakeDaemon daemon_;
  CommandLine perfrig_;
};

TEST_F(FollowTest, ReportsARunAndExitsByItsVerdict) {
  daemon_.Script({.events = WholeRun(v1::FAIL)});

  EXPECT_EQ(Run({"run", "quickstart"}), 99);

  EXPECT_THAT(perfrig_.out(), StartsWith("runs/20260301-1\n▸ quickstart/echo"));
  EXPECT_THAT(perfrig_.out(), HasSubstr("0:05  echo  998/s"));
  EXPECT_THAT(perfrig_.out(), HasSubstr("FAIL  runs/20260301-1"));
}

TEST_F(FollowTest, SendsWhatWasAskedFor) {
  daemon_.Script({.events = WholeRun(v1::PASS)});

  EXPECT_EQ(Run({"run",
                 "a",
                 "b-*",
                 "--test",
                 "x",
                 "--tag",
                 "quick",
                 "--set",
                 "K=v",
                 "--rate",
                 "60/m",
                 "--duration",
                 "2s",
                 "--rounds",
                 "3",
                 "--label",
                 "branch=main",
                 "--target",
                 "self",
                 "--reset-targets",
                 "--idempotency-key",
                 "k"}),
            0);

  ASSERT_THAT(daemon_.started(), SizeIs(1));
  v1::StartRunRequest expected;
  expected.add_suites("a");
  expected.add_suites("b-*");
  expected.add_tests("x");
  expected.add_tags("quick");
  (*expected.mutable_variables())["K"] = "v";
  expected.mutable_load()->set_rate(1);
  expected.mutable_load()->mutable_duration()->set_seconds(2);
  expected.set_rounds(3);
  (*expected.mutable_labels())["branch"] = "main";
  expected.add_targets("self");
  expected.set_reset_targets(true);
  expected.set_idempotency_key("k");
  EXPECT_EQ(daemon_.started()[0].DebugString(), expected.DebugString());
}

TEST_F(FollowTest, PrintsOnlyJsonWhereAsked) {
  daemon_.Script({.events = WholeRun(v1::PASS)});

  EXPECT_EQ(Run({"run", "quickstart", "--output", "json"}), 0);

  EXPECT_THAT(perfrig_.out(), StartsWith("{\n"));
  EXPECT_THAT(perfrig_.out(), HasSubstr("\"verdict\": \"PASS\""));
  EXPECT_THAT(perfrig_.out(), Not(HasSubstr("▸")));
}

TEST_F(FollowTest, RedrawsOnATerminalAndTidiesUp) {
  perfrig_.MakeLive();
  daemon_.Script({.events = WholeRun(v1::PASS)});

  EXPECT_EQ(Run({"run", "quickstart"}), 0);

  EXPECT_THAT(perfrig_.out(), HasSubstr("\x1b[?25l"));
  EXPECT_THAT(perfrig_.out(), HasSubstr("0:05 of 0:10"));
  const std::size_t shown = perfrig_.out().rfind("\x1b[?25h");
  ASSERT_NE(shown, std::string::npos);
  EXPECT_THAT(perfrig_.out().substr(shown), HasSubstr("PASS  runs/20260301-1"));
}

TEST_F(FollowTest, TakesABrokenStreamUpAgainAfterTheLastEvent) {
  daemon_.Script(
      {.events = {RunningEvent(), StartedEvent()}, .status = kBroken});
  daemon_.Script({.events = {SnapshotEvent(5), FinishedEvent(v1::PASS)}});

  EXPECT_EQ(Run({"run", "quickstart"}), 0);

  ASSERT_THAT(daemon_.watched(), SizeIs(1));
  EXPECT_EQ(daemon_.watched()[0].name(), "runs/20260301-1");
  EXPECT_EQ(daemon_.watched()[0].after_sequence(), 2);
  EXPECT_THAT(daemon_.started(), SizeIs(1));
}

TEST_F(FollowTest, GivesUpALostDaemonInTheEnd) {
  daemon_.Script({.events = {RunningEvent()}, .status = kBroken});
  for (int i = 0; i < 20; ++i) {
    daemon_.Script({.events = {}, .status = kBroken});
  }

  EXPECT_EQ(Run({"run", "quickstart"}), 3);

  EXPECT_THAT(perfrig_.err(), HasSubstr("was lost during runs/20260301-1"));
}

TEST_F(FollowTest, TellsThatTheDaemonForgotTheRun) {
  daemon_.Script({.events = {RunningEvent()}, .status = kBroken});
  daemon_.Script(
      {.events = {}, .status = {grpc::StatusCode::NOT_FOUND, "no such run"}});

  EXPECT_EQ(Run({"run", "quickstart"}), 3);

  EXPECT_THAT(perfrig_.err(), HasSubstr("was started anew"));
}

TEST_F(FollowTest, CancelsTheRunOnTheFirstCtrlCAndReports) {
  daemon_.Script(
      {.events = {RunningEvent(), StartedEvent()}, .wait_for_cancel = true});
  perfrig_.Raise(SIGINT);

  EXPECT_EQ(Run({"run", "quickstart"}), 130);

  ASSERT_THAT(daemon_.cancelled(), SizeIs(1));
  EXPECT_EQ(daemon_.cancelled()[0].name(), "runs/20260301-1");
  EXPECT_THAT(perfrig_.out(), HasSubstr("CANCELLED"));
}

TEST_F(FollowTest, LeavesAtOnceOnTheSecondCtrlC) {
  daemon_.Script({.events = {}, .wait_for_cancel = true});
  perfrig_.Raise(SIGTERM);
  perfrig_.Raise(SIGINT);

  EXPECT_EQ(Run({"run", "quickstart"}), 130);
}

TEST_F(FollowTest, StopsWatchingOnCtrlCWithoutCancelling) {
  daemon_.Script({.events = {RunningEvent()}, .wait_for_cancel = true});
  perfrig_.Raise(SIGINT);

  EXPECT_EQ(Run({"watch", "20260301-1"}), 130);

  EXPECT_THAT(daemon_.cancelled(), IsEmpty());
}

TEST_F(FollowTest, WatchesARunByEitherName) {
  daemon_.Script({.events = WholeRun(v1::PASS)});
  daemon_.Script({.events = WholeRun(v1::PASS)});
  CommandLine other;

  EXPECT_EQ(Run({"watch", "20260301-1"}), 0);
  EXPECT_EQ(
      other.Run({"watch", "runs/20260301-1", "--address", daemon_.address()}),
      0);

  ASSERT_THAT(daemon_.watched(), SizeIs(2));
  EXPECT_EQ(daemon_.watched()[0].name(), "runs/20260301-1");
  EXPECT_EQ(daemon_.watched()[1].name(), "runs/20260301-1");
}

TEST_F(FollowTest, PrintsProblemsAsTheDaemonWordsThem) {
  daemon_.Refuse({grpc::StatusCode::INVALID_ARGUMENT,
                  "a.yaml:1:2: first problem\na.yaml:3:4: second problem"});

  EXPECT_EQ(Run({"run", "quickstart"}), 1);

  EXPECT_EQ(perfrig_.err(),
            "a.yaml:1:2: first problem\na.yaml:3:4: second problem\n");
}

TEST_F(FollowTest, PrintsOnlyTheNameOfADetachedRun) {
  daemon_.SetRun(FinishedRun());

  EXPECT_EQ(Run({"run", "quickstart", "--detach"}), 0);

  EXPECT_EQ(perfrig_.out(), "runs/20260301-1\n");
}

TEST_F(FollowTest, MakesASuiteOfOneCall) {
  daemon_.Script({.events = WholeRun(v1::PASS)});

  EXPECT_EQ(Run({"call", "10.0.0.5:80", "shop.v1.Till/Pay", "-d", "{\"a\":1}",
                 "--rate", "1000/s", "--duration", "30s", "--deadline", "2s",
                 "--metadata", "X-Tenant: t1", "--expect", "latency.p95 < 10ms",
                 "--connections", "4"}),
            0);

  ASSERT_THAT(daemon_.started(), SizeIs(1));
  const v1::Suite suite = daemon_.started()[0].inline_suites(0);
  const v1::Test& test = suite.tests(0);
  EXPECT_EQ(suite.targets(0), "10.0.0.5:80");
  EXPECT_EQ(test.calls(0).method(), "shop.v1.Till/Pay");
  EXPECT_EQ(test.calls(0).data(0), "{\"a\":1}");
  EXPECT_EQ(test.calls(0).metadata(0).name(), "x-tenant");
  EXPECT_EQ(test.calls(0).metadata(0).value(), "t1");
  EXPECT_EQ(test.calls(0).deadline().seconds(), 2);
  EXPECT_EQ(test.load().rate(), 1000);
  EXPECT_EQ(test.load().duration().seconds(), 30);
  EXPECT_EQ(test.load().connections(), 4);
  EXPECT_EQ(test.load().users(), 0);
  EXPECT_EQ(test.expect(0), "latency.p95 < 10ms");
}

}  // namespace
}  // namespace perfrig
