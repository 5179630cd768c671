// The daemon as its clients see it: real stubs, real ports.
#include "server/daemon.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <future>
#include <string>
#include <vector>

#include "common/status/details.h"
#include "server/drivers/grpc/reflection.h"
#include "server/drivers/grpc/unary.h"
#include "tests/integration/daemon_fixture.h"
#include "tests/support/rude_server/rude_server.h"
#include "tests/unit/server/web/http_request.h"

namespace perfrig {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

std::string TextOf(const absl::Status& status) {
  return std::string(status.message());
}

TEST_F(DaemonTest, SuitesAreListedShownAndChecked) {
  Start();

  const auto all =
      Call(*suites_, &v1::Suites::Stub::ListSuites, v1::ListSuitesRequest());
  v1::GetSuiteRequest get;
  get.set_name("suites/quickstart");
  const auto quickstart = Call(*suites_, &v1::Suites::Stub::GetSuite, get);
  v1::CheckSuiteRequest check;
  check.mutable_source()->set_text("suite: x\ntests: {a: {lod: {}}}\n");
  const auto checked = Call(*suites_, &v1::Suites::Stub::CheckSuite, check);

  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_GE(all->suites_size(), 2);
  ASSERT_TRUE(quickstart.ok()) << quickstart.status();
  EXPECT_GT(quickstart->tests_size(), 0);
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_THAT(checked->problems(), Not(IsEmpty()));
  EXPECT_EQ(checked->problems(0).file(), "suite.yaml");
}

TEST_F(DaemonTest, AnUnknownNameIsNotFoundAndNamesWhatWasAskedFor) {
  Start();
  v1::GetSuiteRequest suite;
  suite.set_name("suites/quickstrat");
  v1::GetTargetRequest target;
  target.set_name("targets/databse");

  const std::vector<absl::Status> errors = {
      Call(*suites_, &v1::Suites::Stub::GetSuite, suite).status(),
      Call(*targets_, &v1::Targets::Stub::GetTarget, target).status(),
      GetRun("runs/none").status(), CancelRun("runs/none").status(),
      WaitFor("runs/none").status()};

  for (const absl::Status& error : errors) {
    EXPECT_TRUE(absl::IsNotFound(error)) << error;
    ASSERT_TRUE(ResourceOf(error).has_value()) << error;
  }
  EXPECT_THAT(TextOf(errors[0]), HasSubstr("quickstart"));
  EXPECT_EQ(ResourceOf(errors[0])->resource_name(), "suites/quickstrat");
  EXPECT_THAT(TextOf(errors[1]), HasSubstr("database"));
}

TEST_F(DaemonTest, AMissingNameIsAnInvalidArgument) {
  Start();

  const std::vector<absl::Status> errors = {
      Call(*suites_, &v1::Suites::Stub::GetSuite, v1::GetSuiteRequest())
          .status(),
      Call(*targets_, &v1::Targets::Stub::GetTarget, v1::GetTargetRequest())
          .status(),
      Call(*targets_, &v1::Targets::Stub::UpdateBehavior,
           v1::UpdateBehaviorRequest())
          .status(),
      Call(*targets_, &v1::Targets::Stub::ResetTarget, v1::ResetTargetRequest())
          .status(),
      GetRun("").status(),
      CancelRun("").status(),
      WaitFor("").status()};

  for (const absl::Status& error : errors) {
    EXPECT_TRUE(absl::IsInvalidArgument(error)) << error;
    ASSERT_TRUE(ViolationsOf(error).has_value()) << error;
    EXPECT_EQ(ViolationsOf(error)->field_violations(0).field(), "name");
  }
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

// Targets that keep a run waiting, each in its way.
class SilentTargets {
 public:
  SilentTargets() {
    // A queue of connections that is full: the kernel answers no more of them.
    fd_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(name);
    auto* address = reinterpret_cast<sockaddr*>(&name);
    EXPECT_EQ(bind(fd_, address, size), 0);
    EXPECT_EQ(listen(fd_, 0), 0);
    getsockname(fd_, address, &size);
    for (int& caller : callers_) {
      caller = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      EXPECT_TRUE(connect(caller, address, size) == 0 || errno == EINPROGRESS);
    }
    full_ = "127.0.0.1:" + std::to_string(ntohs(name.sin_port));
  }
  ~SilentTargets() {
    for (const int caller : callers_) close(caller);
    close(fd_);
  }

  SilentTargets(const SilentTargets&) = delete;
  SilentTargets& operator=(const SilentTargets&) = delete;

  [[nodiscard]] std::vector<std::string> addresses() const {
    return {mute_.address(), hanging_.address(), full_};
  }

 private:
  // Takes connections and says nothing.
  RudeServer mute_{{.sends_settings = false}, RudeServer::EchoBack};
  // Takes calls and never answers them.
  RudeServer hanging_{{}, [](const RudeServer::Seen&) {
                        RudeServer::Reply reply;
                        reply.hangs = true;
                        return reply;
                      }};
  int fd_ = -1;
  int callers_[4] = {};
  std::string full_;
};

TEST_F(DaemonTest, ARunThatWaitsForItsTargetEndsSoonAfterItIsCancelled) {
  Start();
  const SilentTargets silent;
  for (const std::string& address : silent.addresses()) {
    v1::StartRunRequest request = LongRun();
    request.add_targets(address);
    const auto started = StartRun(request);
    ASSERT_TRUE(started.ok()) << started.status();
    // Until it waits.
    clock_.SleepUntil(clock_.Now() + 200 * kMillisecond);
    ASSERT_EQ(GetRun(started->name())->state(), v1::RUNNING) << address;

    const Nanos begin = clock_.Now();
    ASSERT_TRUE(CancelRun(started->name()).ok());
    const auto finished = WaitFor(started->name());

    EXPECT_LT(clock_.Now() - begin, 3 * kSecond) << address;
    ASSERT_TRUE(finished.ok()) << finished.status();
    EXPECT_EQ(finished->verdict(), v1::CANCELLED) << address;
  }
}

TEST_F(DaemonTest, DrainingDoesNotWaitForASilentTarget) {
  const SilentTargets silent;
  for (const std::string& address : silent.addresses()) {
    Start();
    v1::StartRunRequest request = LongRun();
    request.add_targets(address);
    ASSERT_TRUE(StartRun(request).ok());
    clock_.SleepUntil(clock_.Now() + 200 * kMillisecond);

    const Nanos begin = clock_.Now();
    daemon_->Drain(absl::ZeroDuration());

    EXPECT_LT(clock_.Now() - begin, 3 * kSecond) << address;
  }
}

TEST_F(DaemonTest, DrainingEndsACalibration) {
  Start();
  auto calibrated = std::async(std::launch::async, [&] {
    return Call(*rig_, &v1::Rig::Stub::Calibrate, v1::CalibrateRequest());
  });
  clock_.SleepUntil(clock_.Now() + 200 * kMillisecond);

  const Nanos begin = clock_.Now();
  daemon_->Drain(absl::ZeroDuration());
  const auto calibration = calibrated.get();

  EXPECT_LT(clock_.Now() - begin, 4 * kSecond);
  EXPECT_FALSE(calibration.ok());
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

TEST_F(DaemonTest, LoadGoesOnlyWhereTheOperatorAllows) {
  Start();
  v1::StartRunRequest request = ShortRun();
  request.add_targets("192.0.2.1:443");

  const auto started = StartRun(request);
  std::string text = TextOf(started.status());
  if (started.ok()) {
    const auto finished = WaitFor(started->name());
    ASSERT_TRUE(finished.ok()) << finished.status();
    EXPECT_EQ(finished->verdict(), v1::ERROR);
    text = finished->ShortDebugString();
  }

  EXPECT_THAT(text, HasSubstr("--allow-target=192.0.2.1"));
}

TEST_F(DaemonTest, ATargetWithoutReflectionIsToldWhatToDo) {
  Start();
  const RudeServer target(
      {}, [](const RudeServer::Seen&) { return RudeServer::Status(12, ""); });
  v1::StartRunRequest request = ShortRun();
  request.add_targets(target.address());

  const auto started = StartRun(request);
  ASSERT_TRUE(started.ok()) << started.status();
  const auto finished = WaitFor(started->name());

  ASSERT_TRUE(finished.ok()) << finished.status();
  EXPECT_EQ(finished->verdict(), v1::ERROR);
  EXPECT_EQ(
      finished->reason(),
      "ping: cannot call perfrig.target.v1.Echo/Call: " + target.address() +
          " offers no server reflection (grpc.reflection.v1 or v1alpha), "
          "by which it would tell its types; switch it on there, since "
          "descriptor sets are not read yet");
}

TEST_F(DaemonTest, AnotherDaemonIsATargetByItsAddress) {
  Start();
  auto other = Daemon::Start(clock_, FreePorts());
  ASSERT_TRUE(other.ok()) << other.status();
  v1::StartRunRequest request = ShortRun();
  request.add_targets((*other)->target_address());

  const auto started = StartRun(request);
  ASSERT_TRUE(started.ok()) << started.status();
  const auto finished = WaitFor(started->name());

  ASSERT_TRUE(finished.ok()) << finished.status();
  EXPECT_EQ(finished->verdict(), v1::PASS) << finished->ShortDebugString();
}

TEST_F(DaemonTest, TargetsAreShownChangedAndResetOnBothPorts) {
  Start();
  const auto on_target_port =
      v1::Targets::NewStub(ChannelTo(daemon_->target_address()));
  v1::UpdateBehaviorRequest update;
  update.set_name("targets/echo");
  update.mutable_behavior()->set_capacity(3);
  v1::GetTargetRequest get;
  get.set_name("targets/echo");
  v1::ResetTargetRequest reset;
  reset.set_name("targets/-");

  const auto list = Call(*targets_, &v1::Targets::Stub::ListTargets,
                         v1::ListTargetsRequest());
  const auto updated =
      Call(*targets_, &v1::Targets::Stub::UpdateBehavior, update);
  const auto seen = Call(*on_target_port, &v1::Targets::Stub::GetTarget, get);
  const auto after =
      Call(*on_target_port, &v1::Targets::Stub::ResetTarget, reset);
  const auto last = Call(*targets_, &v1::Targets::Stub::GetTarget, get);

  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_GE(list->targets_size(), 3);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_TRUE(updated->changed());
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->behavior().capacity(), 3U);
  ASSERT_TRUE(after.ok()) << after.status();
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_FALSE(last->changed());
}

TEST_F(DaemonTest, AWatchedTargetComesAgainEverySecond) {
  Start();
  grpc::ClientContext context;
  v1::WatchTargetRequest request;
  request.set_name("targets/echo");

  const auto stream = targets_->WatchTarget(&context, request);
  v1::Target target;
  EXPECT_TRUE(stream->Read(&target));
  EXPECT_TRUE(stream->Read(&target));
  context.TryCancel();
  const grpc::Status status = stream->Finish();

  EXPECT_EQ(target.name(), "targets/echo");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(DaemonTest, TheStatusTellsWhereAndOnWhat) {
  Start();

  const auto status =
      Call(*rig_, &v1::Rig::Stub::GetStatus, v1::GetStatusRequest());

  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_EQ(status->control_address(), daemon_->control_address());
  EXPECT_EQ(status->http_address(), daemon_->http_address());
  EXPECT_EQ(status->target_address(), daemon_->target_address());
  EXPECT_EQ(status->queue_limit(), 16U);
  EXPECT_GT(status->cores(), 0U);
  EXPECT_GT(status->resident_bytes(), 0U);
  EXPECT_FALSE(status->draining());
  EXPECT_THAT(status->allowed_targets(), Contains("loopback"));
}

TEST_F(DaemonTest, HealthIsToldForEachServiceOfEachPort) {
  Start();
  const auto health = [&](const std::string& address,
                          const std::string& service) {
    // grpc.health.v1.HealthCheckRequest: field 1, the service.
    const std::string request =
        std::string("\n") + static_cast<char>(service.size()) + service;
    return drivers::UnaryCall(clock_, address, "/grpc.health.v1.Health/Check",
                              request, {}, 5 * kSecond, {});
  };
  // HealthCheckResponse: field 1, SERVING.
  const std::string serving("\x08\x01");

  for (const char* service : {"", "perfrig.v1.Suites", "perfrig.v1.Runs",
                              "perfrig.v1.Targets", "perfrig.v1.Rig"}) {
    const auto answer = health(daemon_->control_address(), service);
    EXPECT_EQ(answer.value_or(answer.status().ToString()), serving) << service;
  }
  for (const char* service :
       {"", "perfrig.target.v1.Echo", "perfrig.target.v1.Database",
        "perfrig.target.v1.ObjectStore", "perfrig.v1.Targets"}) {
    const auto answer = health(daemon_->target_address(), service);
    EXPECT_EQ(answer.value_or(answer.status().ToString()), serving) << service;
  }
  EXPECT_TRUE(absl::IsNotFound(
      health(daemon_->control_address(), "perfrig.v1.None").status()));
}

TEST_F(DaemonTest, ReflectionListsTheServicesOfEachPort) {
  Start();
  const auto services = [&](const std::string& address) {
    auto types = drivers::ReflectedTypes::Connect(
        clock_, address, clock_.Now() + 5 * kSecond, {});
    EXPECT_TRUE(types.ok()) << types.status();
    return (*types)->Services().value_or(std::vector<std::string>());
  };

  EXPECT_THAT(
      services(daemon_->control_address()),
      AllOf(Contains("perfrig.v1.Suites"), Contains("perfrig.v1.Runs"),
            Contains("perfrig.v1.Targets"), Contains("perfrig.v1.Rig")));
  EXPECT_THAT(services(daemon_->target_address()),
              AllOf(Contains("perfrig.target.v1.Echo"),
                    Contains("perfrig.target.v1.Database"),
                    Contains("perfrig.target.v1.ObjectStore"),
                    Contains("perfrig.v1.Targets")));
}

TEST_F(DaemonTest, ALargeRequestIsTakenAndATooLargeOneIsNot) {
  Start();
  v1::CheckSuiteRequest request;
  request.mutable_source()->set_text(std::string(8 << 20, '#'));
  const auto large = Call(*suites_, &v1::Suites::Stub::CheckSuite, request);
  request.mutable_source()->set_text(std::string(65 << 20, '#'));
  const auto too_large = Call(*suites_, &v1::Suites::Stub::CheckSuite, request);

  EXPECT_TRUE(large.ok()) << large.status();
  EXPECT_TRUE(absl::IsResourceExhausted(too_large.status()))
      << too_large.status();
}

TEST_F(DaemonTest, HttpShowsHealthAndMetrics) {
  Start();
  const auto started = StartRun(ShortRun());
  ASSERT_TRUE(started.ok()) << started.status();
  ASSERT_TRUE(WaitFor(started->name()).ok());
  const int port = ParseHostPort(daemon_->http_address())->port;

  const std::string health = HttpRequest(port, "GET /healthz");
  const std::string metrics = HttpRequest(port, "GET /metrics");

  EXPECT_THAT(health, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(
      metrics,
      AllOf(
          HasSubstr(
              R"(perfrig_calls_total{suite="echo",test="ping",code="OK"} 20)"),
          HasSubstr(R"(perfrig_runs_total{suite="echo",verdict="PASS"} 1)"),
          HasSubstr(R"(perfrig_call_latency_seconds_count{suite="echo",)"
                    R"(test="ping"} 20)"),
          // The run has reset its targets after that.
          HasSubstr(R"(perfrig_target_calls_total{target="echo",)"
                    R"(code="OK"} 20)"),
          HasSubstr(R"(perfrig_target_in_flight{target="echo"} 0)")));
}

TEST_F(DaemonTest, DrainingTellsWatchersAndTakesNoNewRuns) {
  Start();
  const auto started = StartRun(LongRun());
  ASSERT_TRUE(started.ok()) << started.status();
  grpc::ClientContext context;
  v1::WatchRunRequest request;
  request.set_name(started->name());
  const auto stream = runs_->WatchRun(&context, request);
  v1::RunEvent event;
  ASSERT_TRUE(stream->Read(&event));
  auto watched =
      std::async(std::launch::async, [&] { return ReadAll(*stream); });

  daemon_->Drain(absl::ZeroDuration());
  const auto last = watched.get();

  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(last->finished().verdict(), v1::CANCELLED);
  EXPECT_FALSE(StartRun(ShortRun()).ok());
}

TEST_F(DaemonTest, DrainingLetsARunFinishWithinItsTime) {
  Start();
  const auto started = StartRun(ShortRun());
  ASSERT_TRUE(started.ok()) << started.status();
  grpc::ClientContext context;
  v1::WatchRunRequest request;
  request.set_name(started->name());
  const auto stream = runs_->WatchRun(&context, request);
  v1::RunEvent event;
  ASSERT_TRUE(stream->Read(&event));
  auto watched =
      std::async(std::launch::async, [&] { return ReadAll(*stream); });

  daemon_->Drain(absl::Seconds(30));
  const auto last = watched.get();

  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(last->finished().verdict(), v1::PASS);
}

TEST_F(DaemonTest, APortThatIsTakenIsNamedWithItsFlag) {
  Start();
  const auto start_with = [&](std::string Config::*field,
                              const std::string& address) {
    Config config = FreePorts();
    config.*field = address;
    return TextOf(Daemon::Start(clock_, config).status());
  };

  EXPECT_THAT(
      start_with(&Config::control_address, daemon_->control_address()),
      AllOf(HasSubstr("--control-address"),
            HasSubstr(daemon_->control_address()), HasSubstr("in use")));
  EXPECT_THAT(start_with(&Config::target_address, daemon_->target_address()),
              AllOf(HasSubstr("--target-address"), HasSubstr("in use")));
  EXPECT_THAT(start_with(&Config::http_address, daemon_->http_address()),
              AllOf(HasSubstr("--http-address"), HasSubstr("in use")));
}

}  // namespace
}  // namespace perfrig
