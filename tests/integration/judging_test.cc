// What a run says of tests before it, while it is at work and when they miss.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/integration/daemon_fixture.h"

namespace perfrig {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

class JudgingTest : public DaemonTest {
 protected:
  // A run of a suite of one test "t"; `lines` are indented by four.
  static v1::StartRunRequest RunOf(const std::string& lines) {
    v1::StartRunRequest request;
    v1::SuiteSource& source = *request.add_sources();
    source.set_file_name("s.yaml");
    source.set_text("suite: s\ntests:\n  t:\n" + lines);
    return request;
  }

  // The result of its test.
  v1::TestResult ResultOf(const v1::StartRunRequest& request) {
    const auto started = StartRun(request);
    EXPECT_TRUE(started.ok()) << started.status();
    if (!started.ok()) return {};
    const auto run = WaitFor(started->name());
    EXPECT_TRUE(run.ok()) << run.status();
    return run.ok() ? run->suites(0).tests(0) : v1::TestResult();
  }
};

TEST_F(JudgingTest, APlanIsToldAndNotRun) {
  Start();
  v1::StartRunRequest request;
  request.add_suites("quickstart");
  request.set_shuffle_seed(5);

  const auto plan = Call(*runs_, &v1::Runs::Stub::PlanRun, request);
  const auto runs =
      Call(*runs_, &v1::Runs::Stub::ListRuns, v1::ListRunsRequest());

  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->suites_size(), 1);
  EXPECT_GT(plan->suites(0).tests_size(), 2);
  EXPECT_GT(plan->remaining().seconds(), 4);
  ASSERT_TRUE(runs.ok()) << runs.status();
  EXPECT_EQ(runs->runs_size(), 0);
}

TEST_F(JudgingTest, AMissNamesThePhaseThatTookTheTime) {
  Start();

  const v1::TestResult result = ResultOf(
      RunOf("    before: { behavior: { database: { delay: 200ms } } }\n"
            "    call: perfrig.target.v1.Config/Resolve\n"
            "    data: { tenant: \"t-{{seq}}\" }\n"
            "    load: { users: 4, iterations: 40 }\n"
            "    expect: latency.p50 < 50ms\n"));

  ASSERT_EQ(result.verdict(), v1::FAIL) << result.reason();
  EXPECT_EQ(result.thresholds(0).grade(), v1::BAD);
  EXPECT_THAT(result.hints(), Contains(HasSubstr("database took")));
}

// 20 connections that are held 20 ms each give 1,000 answers a second.
TEST_F(JudgingTest, ASearchFindsNoHigherRateThanTheTargetHas) {
  Start();

  const v1::TestResult result = ResultOf(RunOf(
      "    call: perfrig.target.v1.Database/Query\n"
      "    data: { key: \"k-{{seq}}\" }\n"
      "    load: { search: { from: 100/s, to: 3200/s, precision: 30% }, "
      "duration: 2s }\n"
      "    expect: [ latency.p95 < 200ms, errors.rate < 1%, search.rate > 0 "
      "]\n"));

  ASSERT_GE(result.tries_size(), 2) << result.reason();
  bool missed = false;
  for (const v1::SearchTry& tried : result.tries()) {
    if (tried.verdict() == v1::PASS) {
      EXPECT_LT(tried.rate(), 1'400);
    } else {
      missed = true;
    }
  }
  EXPECT_TRUE(missed);
}

TEST_F(JudgingTest, EachTryHasWhatItsThresholdsNameAndItsCaptures) {
  Start();

  const v1::TestResult result = ResultOf(
      RunOf("    before:\n"
            "      - call: perfrig.target.v1.Ingest/IssueToken\n"
            "        data: { subject: ada }\n"
            "        capture: { token: response.token }\n"
            "    call: perfrig.target.v1.Ingest/Validate\n"
            "    metadata: { authorization: \"Bearer {{token}}\" }\n"
            "    check: { response.subject: ada }\n"
            "    load: { search: { from: 20/s, to: 40/s, precision: 50% }, "
            "duration: 1s }\n"
            "    expect:\n"
            "      - target.ingest.calls == calls.sent\n"
            "      - resources.memory.min > 4MB\n"
            "      - search.rate >= 20/s\n"));

  EXPECT_EQ(result.verdict(), v1::PASS) << result.reason();
  EXPECT_GE(result.tries_size(), 3);
}

TEST_F(JudgingTest, PhasesAreJudgedInWindows) {
  Start();

  const v1::TestResult result =
      ResultOf(RunOf("    before: { behavior: { echo: { delay: 5ms } } }\n"
                     "    call: perfrig.target.v1.Echo/Call\n"
                     "    load: { rate: 100/s, duration: 3s }\n"
                     "    expect: phase.work.p50 >= 5ms in every 1s\n"
                     "    abort_on_fail: phase.work.p50 < 10s\n"));

  EXPECT_EQ(result.verdict(), v1::PASS) << result.reason();
  EXPECT_THAT(result.thresholds(0).reason(), HasSubstr("worst of"));
}

TEST_F(JudgingTest, AThresholdEndsATestThatHasFailedAlready) {
  Start();

  const v1::TestResult result = ResultOf(
      RunOf("    before: { behavior: { echo: { faults: [ { rate: 1.0, status: "
            "UNAVAILABLE } ] } } }\n"
            "    call: perfrig.target.v1.Echo/Call\n"
            "    load: { rate: 100/s, duration: 10m }\n"
            "    abort_on_fail: errors.rate < 50%\n"));

  EXPECT_EQ(result.verdict(), v1::FAIL);
  EXPECT_THAT(result.reason(), HasSubstr("ended the test after"));
  EXPECT_THAT(result.hints(), Contains(HasSubstr("× UNAVAILABLE")));
}

}  // namespace
}  // namespace perfrig
