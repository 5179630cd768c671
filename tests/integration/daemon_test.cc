// The daemon as its clients see it: real stubs, real ports.
#include "server/daemon.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/status/details.h"
#include "server/drivers/grpc/reflection.h"
#include "server/drivers/grpc/unary.h"
#include "tests/integration/daemon_fixture.h"
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

TEST_F(DaemonTest, DataOfLocalCallsAreCheckedBeforeTheyAreMade) {
  Start();
  v1::CheckSuiteRequest check;
  check.mutable_source()->set_text(
      "suite: x\n"
      "tests:\n"
      "  t:\n"
      "    call: local:cache.get\n"
      "    data: {byts: 10KB}\n"
      "    load: {users: 1, iterations: 1}\n");

  const auto checked = Call(*suites_, &v1::Suites::Stub::CheckSuite, check);

  ASSERT_TRUE(checked.ok()) << checked.status();
  ASSERT_EQ(checked->problems_size(), 1);
  const v1::Problem& problem = checked->problems(0);
  EXPECT_EQ(problem.field(), "tests.t.data[0].byts");
  EXPECT_EQ(problem.line(), 5U);
  EXPECT_EQ(problem.column(), 18U);
  EXPECT_THAT(problem.message(),
              StartsWith("unknown key (did you mean bytes?)"));
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
