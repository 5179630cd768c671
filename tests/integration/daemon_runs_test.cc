// Runs of a daemon: started, watched, cancelled, refused.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/status/details.h"
#include "tests/integration/daemon_fixture.h"

namespace perfrig {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string TextOf(const absl::Status& status) {
  return std::string(status.message());
}

TEST_F(DaemonTest, ARunIsStartedWatchedAndKept) {
  Start();

  const auto started = StartRun(ShortRun());
  ASSERT_TRUE(started.ok()) << started.status();
  const auto finished = WaitFor(started->name());
  const auto kept = GetRun(started->name());
  const auto list =
      Call(*runs_, &v1::Runs::Stub::ListRuns, v1::ListRunsRequest());

  ASSERT_TRUE(finished.ok()) << finished.status();
  EXPECT_EQ(finished->state(), v1::FINISHED);
  EXPECT_EQ(finished->verdict(), v1::PASS) << finished->ShortDebugString();
  EXPECT_EQ(finished->suites(0).tests(0).figures().ok(), 20U);
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->verdict(), v1::PASS);
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(list->runs_size(), 1);
  EXPECT_EQ(list->runs(0).name(), started->name());
}

TEST_F(DaemonTest, RunSuiteStreamsTheRunInOrderToItsEnd) {
  Start();
  grpc::ClientContext context;

  const auto stream = runs_->RunSuite(&context, ShortRun());
  std::vector<v1::RunEvent> events;
  v1::RunEvent event;
  while (stream->Read(&event)) events.push_back(event);
  const grpc::Status status = stream->Finish();

  EXPECT_TRUE(status.ok()) << status.error_message();
  ASSERT_GE(events.size(), 3U);
  EXPECT_TRUE(events.front().has_run());
  EXPECT_TRUE(events.back().has_finished());
  for (std::size_t i = 1; i < events.size(); ++i) {
    EXPECT_GT(events[i].sequence(), events[i - 1].sequence());
  }
}

TEST_F(DaemonTest, AWatcherResumesAfterWhatItHasSeen) {
  Start();
  const auto started = StartRun(ShortRun());
  ASSERT_TRUE(started.ok()) << started.status();
  ASSERT_TRUE(WaitFor(started->name()).ok());

  grpc::ClientContext context;
  v1::WatchRunRequest request;
  request.set_name(started->name());
  request.set_after_sequence(2);
  const auto stream = runs_->WatchRun(&context, request);
  v1::RunEvent first;
  ASSERT_TRUE(stream->Read(&first));
  const auto last = ReadAll(*stream);

  EXPECT_EQ(first.sequence(), 3U);
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_TRUE(last->has_finished());
}

TEST_F(DaemonTest, AWatcherThatHasSeenEverythingIsToldTheEndAgain) {
  Start();
  const auto started = StartRun(ShortRun());
  ASSERT_TRUE(started.ok()) << started.status();
  ASSERT_TRUE(WaitFor(started->name()).ok());

  const auto again = WaitFor(started->name(), 1'000'000);

  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->state(), v1::FINISHED);
}

TEST_F(DaemonTest, ABadSuiteIsRefusedWithAllItsProblems) {
  Start();
  v1::StartRunRequest request = ShortRun();
  request.mutable_sources(0)->set_text(
      "suite: x\ntests:\n  a:\n    call: perfrig.target.v1.Echo/Call\n"
      "    load: {rate: -5}\n    expect: [latncy.p95 < 1ms]\n");

  const auto refused = StartRun(request);

  EXPECT_TRUE(absl::IsInvalidArgument(refused.status())) << refused.status();
  EXPECT_THAT(TextOf(refused.status()),
              AllOf(HasSubstr("echo.yaml:5:"), HasSubstr("-5"),
                    HasSubstr("echo.yaml:6:"), HasSubstr("latency")));
  const auto details = ViolationsOf(refused.status());
  ASSERT_TRUE(details.has_value());
  EXPECT_GE(details->field_violations_size(), 2);
  EXPECT_THAT(details->field_violations(0).description(),
              HasSubstr("echo.yaml:5:"));
}

TEST_F(DaemonTest, RunSuiteRefusesAsStartRunDoes) {
  Start();
  v1::StartRunRequest request;
  request.add_suites("quickstrat");
  grpc::ClientContext context;

  const auto stream = runs_->RunSuite(&context, request);
  const auto end = ReadAll(*stream);

  EXPECT_TRUE(absl::IsNotFound(end.status())) << end.status();
}

TEST_F(DaemonTest, ARunIsCancelledOnceAndStaysSo) {
  Start();
  const auto started = StartRun(LongRun());
  ASSERT_TRUE(started.ok()) << started.status();

  const auto cancelled = CancelRun(started->name());
  const auto finished = WaitFor(started->name());
  const auto again = CancelRun(started->name());

  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  ASSERT_TRUE(finished.ok()) << finished.status();
  EXPECT_EQ(finished->verdict(), v1::CANCELLED);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->verdict(), v1::CANCELLED);
}

TEST_F(DaemonTest, ARunThatNobodyWatchesAnyMoreIsCancelledUnlessDetached) {
  Start();
  const auto start_and_leave = [&](const v1::StartRunRequest& request) {
    grpc::ClientContext context;
    const auto stream = runs_->RunSuite(&context, request);
    v1::RunEvent event;
    EXPECT_TRUE(stream->Read(&event));
    context.TryCancel();
    stream->Finish();
    return event.run().name();
  };
  v1::StartRunRequest detached = EchoRun("{rate: 20/s, duration: 1s}");
  detached.set_detached(true);

  const std::string kept = start_and_leave(detached);
  const std::string abandoned = start_and_leave(LongRun());
  const auto kept_run = WaitFor(kept);

  ASSERT_TRUE(kept_run.ok()) << kept_run.status();
  EXPECT_EQ(kept_run->verdict(), v1::PASS) << kept_run->ShortDebugString();
  // Asked for, not watched: a watcher would keep it alive.
  absl::StatusOr<v1::Run> run;
  const Nanos give_up = clock_.Now() + 30 * kSecond;
  do {
    clock_.SleepUntil(clock_.Now() + 100 * kMillisecond);
    run = GetRun(abandoned);
    ASSERT_TRUE(run.ok()) << run.status();
  } while (run->state() != v1::FINISHED && clock_.Now() < give_up);
  EXPECT_EQ(run->verdict(), v1::CANCELLED);
  EXPECT_THAT(run->reason(), HasSubstr("10 s"));
}

TEST_F(DaemonTest, AFullQueueSaysHowLongItIs) {
  Config config = FreePorts();
  config.queue_limit = 1;
  Start(config);
  std::vector<std::string> names;
  absl::Status refused;

  // One at work, one that waits, and the next is too many.
  for (int i = 0; i < 3; ++i) {
    const auto started = StartRun(LongRun());
    if (started.ok()) {
      names.push_back(started->name());
    } else {
      refused = started.status();
    }
  }

  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_TRUE(QuotaOf(refused).has_value());
  for (const std::string& name : names) EXPECT_TRUE(CancelRun(name).ok());
}

TEST_F(DaemonTest, AWatcherThatNeverReadsSlowsNobody) {
  Start();
  v1::StartRunRequest request = ShortRun();
  const auto started = StartRun(request);
  ASSERT_TRUE(started.ok()) << started.status();
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<v1::RunEvent>>> idle;
  v1::WatchRunRequest watch;
  watch.set_name(started->name());
  for (int i = 0; i < 50; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    idle.push_back(runs_->WatchRun(contexts.back().get(), watch));
  }

  const auto finished = WaitFor(started->name());

  ASSERT_TRUE(finished.ok()) << finished.status();
  EXPECT_EQ(finished->verdict(), v1::PASS);
  for (std::size_t i = 0; i < idle.size(); ++i) {
    contexts[i]->TryCancel();
    idle[i]->Finish();
  }
}

}  // namespace
}  // namespace perfrig
