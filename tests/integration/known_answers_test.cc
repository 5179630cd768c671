// What must not pass: targets and rigs whose right verdict is known. What must
// pass stands in suites/core/self-check.yaml.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "perfrig/v1/run.grpc.pb.h"
#include "server/daemon.h"

namespace perfrig {
namespace {

using ::testing::HasSubstr;

class KnownAnswersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = MakeConfig({});
    ASSERT_TRUE(made.ok()) << made.status();
    Config config = *std::move(made);
    config.control_address = "127.0.0.1:0";
    config.http_address = "127.0.0.1:0";
    config.target_address = "127.0.0.1:0";
    auto daemon = Daemon::Start(clock_, std::move(config));
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_ = *std::move(daemon);
    runs_ = v1::Runs::NewStub(grpc::CreateChannel(
        daemon_->control_address(), grpc::InsecureChannelCredentials()));
  }

  // Runs a suite of one test, given as the lines of that test; gives the
  // finished run.
  v1::Run Run(const std::string& test) {
    v1::StartRunRequest request;
    v1::SuiteSource& source = *request.add_sources();
    source.set_file_name("known.yaml");
    source.set_text("suite: known\ntests:\n  t:\n" + test);
    grpc::ClientContext context;
    const auto stream = runs_->RunSuite(&context, request);
    v1::RunEvent event;
    v1::Run run;
    while (stream->Read(&event)) {
      if (event.has_finished()) run = event.finished();
    }
    const grpc::Status status = stream->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return run;
  }

  static const v1::Figures& FiguresOf(const v1::Run& run) {
    return run.suites(0).tests(0).figures();
  }

  SystemClock clock_;
  std::unique_ptr<Daemon> daemon_;
  std::unique_ptr<v1::Runs::Stub> runs_;
};

TEST_F(KnownAnswersTest, ATargetThatFillsTheCapFails) {
  const v1::Run run = Run(R"(
    before: [{behavior: {echo: {delay: 10s}}}]
    call: perfrig.target.v1.Echo/Call
    load: {rate: 200/s, duration: 2s, max_in_flight: 20}
    grace: 100ms
    expect: [errors.rate <= 1]
)");

  ASSERT_EQ(run.suites_size(), 1) << run.reason();
  EXPECT_EQ(run.verdict(), v1::FAIL) << run.reason();
  EXPECT_THAT(run.reason(), HasSubstr("max_in_flight"));
  EXPECT_EQ(FiguresOf(run).planned(), 400);
  EXPECT_EQ(FiguresOf(run).dropped(), 380);
  EXPECT_EQ(FiguresOf(run).unfinished(), 20);
}

TEST_F(KnownAnswersTest, AGroupWhoseTargetFillsTheCapFailsTheTest) {
  const v1::Run run = Run(R"(
    before: [{behavior: {database: {delay: 10s}}}]
    groups:
      stuck:
        call: perfrig.target.v1.Database/Query
        load: {rate: 100/s, duration: 1s, max_in_flight: 20}
      free:
        mix:
          - {name: a, call: perfrig.target.v1.Echo/Call, data: {text: a}}
          - {name: b, call: perfrig.target.v1.Echo/Call, data: {text: b}}
        load: {users: 4, iterations: 20000}
    grace: 100ms
    expect: [free.errors.rate == 0, stuck.errors.rate == 1, free.a.late >= 0]
)");

  ASSERT_EQ(run.suites_size(), 1) << run.reason();
  EXPECT_EQ(run.verdict(), v1::FAIL) << run.reason();
  EXPECT_THAT(run.reason(), HasSubstr("stuck sent 20.0 %"));
  const auto& figures = run.suites(0).tests(0).steps();
  EXPECT_EQ(figures.at("stuck").planned(), 100);
  EXPECT_EQ(figures.at("stuck").dropped(), 80);
  EXPECT_EQ(figures.at("free").ok(), 20'000);
  EXPECT_EQ(figures.at("free.a").ok() + figures.at("free.b").ok(), 20'000);
  EXPECT_EQ(FiguresOf(run).planned(), 20'100);
}

TEST_F(KnownAnswersTest, ATargetThatAlwaysFailsFails) {
  const v1::Run run = Run(R"(
    before: [{behavior: {echo: {faults: [{rate: 1, status: UNAVAILABLE}]}}}]
    call: perfrig.target.v1.Echo/Call
    load: {users: 2, iterations: 100}
    expect: [latency.p50 < 1s]
)");

  ASSERT_EQ(run.suites_size(), 1) << run.reason();
  EXPECT_EQ(run.verdict(), v1::FAIL);
  EXPECT_EQ(FiguresOf(run).ok(), 0);
  EXPECT_EQ(FiguresOf(run).statuses().at("UNAVAILABLE"), 100);
  EXPECT_EQ(FiguresOf(run).latency().count(), 0);
}

TEST_F(KnownAnswersTest, ATestWithoutSamplesNeverPasses) {
  // Poisson arrivals at one in a thousand seconds: none is planned.
  const v1::Run run = Run(R"(
    call: perfrig.target.v1.Echo/Call
    load: {rate: 0.001, arrivals: poisson, duration: 1s}
    expect: [latency.p50 < 1s]
)");

  ASSERT_EQ(run.suites_size(), 1) << run.reason();
  EXPECT_EQ(FiguresOf(run).planned(), 0);
  EXPECT_EQ(run.verdict(), v1::INCONCLUSIVE) << run.reason();
}

TEST_F(KnownAnswersTest, ASmallBoundInThisProcessMissedByFarFails) {
  const v1::Run run = Run(R"(
    call: local:spin
    data: {microseconds: 400}
    load: {users: 1, iterations: 500}
    expect: [service.p50 < 100us]
)");

  ASSERT_EQ(run.suites_size(), 1) << run.reason();
  EXPECT_EQ(run.verdict(), v1::FAIL) << run.reason();
}

TEST_F(KnownAnswersTest, ARigThatCannotSendInTimeIsInvalid) {
  const v1::Run run = Run(R"(
    call: perfrig.target.v1.Echo/Call
    data: {text: "{{text 100B}}"}
    load: {rate: 1000000, duration: 100ms, max_in_flight: 1000000}
    grace: 100ms
    expect: [latency.p50 < 1ms, errors.rate <= 1]
)");

  ASSERT_EQ(run.suites_size(), 1) << run.reason();
  EXPECT_EQ(run.verdict(), v1::INVALID) << run.reason();
}

TEST_F(KnownAnswersTest, ATargetThatIsNotThereIsAnError) {
  const v1::Run run = Run(R"(
    call: perfrig.target.v1.Echo/Call
    load: {users: 1, iterations: 10}
)");
  ASSERT_EQ(run.verdict(), v1::PASS) << run.reason();

  v1::StartRunRequest request;
  v1::SuiteSource& source = *request.add_sources();
  source.set_text(
      "suite: gone\ntarget: 127.0.0.1:1\ntests:\n  t:\n"
      "    call: shop.Cart/Add\n    load: {users: 1, iterations: 1}\n");
  grpc::ClientContext context;
  const auto stream = runs_->RunSuite(&context, request);
  v1::RunEvent event;
  while (stream->Read(&event)) {
  }
  ASSERT_TRUE(event.has_finished());
  EXPECT_EQ(event.finished().verdict(), v1::ERROR);
  EXPECT_THAT(event.finished().reason(), HasSubstr("127.0.0.1:1"));
}

TEST_F(KnownAnswersTest, ATestPastItsTimeLimitIsAnError) {
  const v1::Run run = Run(R"(
    before: [{behavior: {echo: {faults: [{rate: 1, hang: true}]}}}]
    call: perfrig.target.v1.Echo/Call
    load: {users: 1, iterations: 10}
    time_limit: 1s
)");

  ASSERT_EQ(run.suites_size(), 1) << run.reason();
  EXPECT_EQ(run.verdict(), v1::ERROR);
  EXPECT_THAT(run.reason(), HasSubstr("limit"));
}

TEST_F(KnownAnswersTest, ATimeLimitKeepsTheFigures) {
  const v1::Run run = Run(R"(
    call: perfrig.target.v1.Echo/Call
    load: {rate: 20/s, duration: 30s}
    time_limit: 1s
)");

  ASSERT_EQ(run.suites_size(), 1) << run.reason();
  EXPECT_EQ(run.verdict(), v1::ERROR);
  EXPECT_THAT(run.reason(), HasSubstr("time limit"));
  const v1::TestResult& test = run.suites(0).tests(0);
  EXPECT_GT(test.figures().ok(), 5U);
  EXPECT_GT(test.figures().latency().p50_ns(), 0U);
  EXPECT_GT(test.rig().lanes(), 0U);
}

}  // namespace
}  // namespace perfrig
