// Suites whose calls take values from elsewhere, and whose thresholds speak of
// more than calls, run through a daemon.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/integration/daemon_fixture.h"

namespace perfrig {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SuiteDataTest : public DaemonTest {
 protected:
  void SetUp() override { Start(); }

  // The only test of a suite, finished; `lines` are the test's, indented by
  // four.
  v1::TestResult Run(const std::string& lines, v1::SuiteSource source = {}) {
    source.set_file_name("s.yaml");
    source.set_text("suite: s\ntests:\n  t:\n" + lines);
    v1::StartRunRequest request;
    *request.add_sources() = std::move(source);
    const auto started = StartRun(request);
    EXPECT_TRUE(started.ok()) << started.status();
    if (!started.ok()) return {};
    const auto run = WaitFor(started->name());
    EXPECT_TRUE(run.ok()) << run.status();
    if (!run.ok() || run->suites().empty()) return {};
    whole_ = run->ShortDebugString();
    return run->suites(0).tests(0);
  }

  std::string whole_;
};

TEST_F(SuiteDataTest, ATestLogsInOnceAndUsesItsToken) {
  const v1::TestResult result =
      Run("    before:\n"
          "      - call: perfrig.target.v1.Ingest/IssueToken\n"
          "        data: {subject: ada}\n"
          "        capture: {token: response.token}\n"
          "    call: perfrig.target.v1.Ingest/Validate\n"
          "    metadata: {authorization: \"Bearer {{token}}\"}\n"
          "    check: {response.subject: ada}\n"
          "    load: {users: 1, iterations: 30}\n"
          "    rounds: 2\n"
          "    expect: [calls.ok == 60]\n");

  EXPECT_EQ(result.verdict(), v1::PASS) << result.reason();
  // Tokens of RS256 begin so.
  EXPECT_THAT(whole_, Not(HasSubstr("eyJ")));
}

TEST_F(SuiteDataTest, PhasesAndTargetsAreMeasuredWhereTheyAreNamed) {
  const v1::TestResult result =
      Run("    before: {behavior: {echo: {delay: 5ms}}}\n"
          "    call: perfrig.target.v1.Echo/Call\n"
          "    observe: {over: call.service - phase.work}\n"
          "    load: {users: 2, iterations: 40}\n"
          "    expect:\n"
          "      - phase.work.p50 >= 5ms\n"
          "      - over.avg > 0s\n"
          "      - target.echo.calls == calls.sent\n"
          "      - target.echo.status.OK / calls.ok == 1\n"
          "      - target.echo.in_flight == 0\n"
          "    show: [target.echo.calls, phase.work.min, latency.p50 / "
          "(latency.p50 - latency.p50)]\n");

  EXPECT_EQ(result.verdict(), v1::PASS) << result.reason();
  ASSERT_EQ(result.shown_size(), 3);
  EXPECT_EQ(result.shown(0).value(), 40);
  EXPECT_EQ(result.shown(0).text(), "40");
  EXPECT_GE(result.shown(1).value(), 0.005);
  EXPECT_THAT(result.shown(1).text(), HasSubstr(" ms"));
  EXPECT_FALSE(result.shown(2).has_value());
  EXPECT_EQ(result.shown(2).text(), "–");
}

TEST_F(SuiteDataTest, AFigureThatATargetDoesNotTellIsAnError) {
  const v1::TestResult result =
      Run("    call: perfrig.target.v1.Echo/Call\n"
          "    load: {users: 1, iterations: 1}\n"
          "    expect: [target.echo.state.entries == 0]\n");

  EXPECT_EQ(result.verdict(), v1::ERROR);
  EXPECT_THAT(result.reason(), HasSubstr("targets/echo tells no number"));
}

TEST_F(SuiteDataTest, RowsOfAFileComeInTurn) {
  v1::SuiteSource source;
  (*source.mutable_files())["rows.csv"] = "id,size\na,10\nb,20\n";

  const v1::TestResult result =
      Run("    call: perfrig.target.v1.Echo/Call\n"
          "    data: {text: \"{{csv rows.csv id}}\", response_bytes: \"{{csv "
          "rows.csv size}}\"}\n"
          "    check: {conditions: [response.text != c]}\n"
          "    load: {users: 1, iterations: 10}\n"
          "    expect: [calls.ok == 10]\n",
          source);

  EXPECT_EQ(result.verdict(), v1::PASS) << result.reason();
}

}  // namespace
}  // namespace perfrig
