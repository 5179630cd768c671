// Shipped tests, each with its subject broken: it has to fail, and by the
// threshold that speaks of what was broken.
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "server/suites/shipped.h"
#include "tests/integration/broken/broken_subject.h"
#include "tests/integration/daemon_fixture.h"
#include "tests/support/servers/redis_server.h"
#include "tests/support/servers/server_test.h"

namespace perfrig {
namespace {

using ::testing::IsSupersetOf;

std::string TextOf(std::string_view file) {
  for (const auto& suite : suites::ShippedSuites()) {
    if (suite.file == file) return std::string(suite.text);
  }
  ADD_FAILURE() << "no suite " << file;
  return "";
}

std::string WithFault(const BrokenSubject& broken) {
  std::string text = TextOf(broken.file);
  const std::size_t test = text.find(absl::StrCat("\n  ", broken.test, ":\n"));
  EXPECT_NE(test, std::string::npos);
  const std::size_t at = text.find(broken.from, test);
  EXPECT_NE(at, std::string::npos) << broken.from;
  if (at == std::string::npos) return text;
  text.replace(at, std::string_view(broken.from).size(), broken.to);
  // Enough calls for a percentile on a busy machine, too.
  return absl::StrReplaceAll(text, {{"duration: 300ms", "duration: 1s"},
                                    {"duration: 400ms", "duration: 1s"},
                                    {"duration: 500ms", "duration: 2s"}});
}

class BrokenSubjects : public DaemonTest {
 protected:
  // The test of the suite with the fault in it.
  v1::TestResult Run(const BrokenSubject& broken) {
    v1::StartRunRequest request;
    v1::SuiteSource& source = *request.add_sources();
    source.set_file_name(broken.file);
    source.set_text(WithFault(broken));
    request.add_tests(broken.test);
    request.set_rounds(broken.rounds);
    const auto started = StartRun(request);
    EXPECT_TRUE(started.ok()) << started.status();
    if (!started.ok()) return {};
    const auto run = WaitFor(started->name());
    EXPECT_TRUE(run.ok()) << run.status();
    if (!run.ok()) return {};
    for (const v1::SuiteResult& suite : run->suites()) {
      for (const v1::TestResult& result : suite.tests()) {
        if (result.test() == broken.test) return result;
      }
    }
    return {};
  }

  void ExpectMissed(const BrokenSubject& broken) {
    const v1::TestResult result = Run(broken);
    EXPECT_EQ(result.verdict(), v1::FAIL) << result.DebugString();
    std::vector<std::string> missed;
    for (const v1::ThresholdResult& threshold : result.thresholds()) {
      if (threshold.verdict() == v1::FAIL) {
        missed.push_back(threshold.expression());
      }
    }
    EXPECT_THAT(missed, IsSupersetOf(broken.missed));
  }
};

class Alone : public BrokenSubjects,
              public ::testing::WithParamInterface<BrokenSubject> {};

TEST_P(Alone, ATestWhoseSubjectIsBrokenFails) {
  Config config = FreePorts();
  // This process is a test, not the daemon.
  config.program = PERFRIGD;
  Start(config);

  ExpectMissed(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Cachekit, Alone,
                         ::testing::ValuesIn(CachekitSubjects()));
INSTANTIATE_TEST_SUITE_P(Ingester, Alone,
                         ::testing::ValuesIn(IngesterSubjects()));
INSTANTIATE_TEST_SUITE_P(Sparkle, Alone,
                         ::testing::ValuesIn(SparkleSubjects()));

class WithRedis : public ServerTest<RedisServer, BrokenSubjects>,
                  public ::testing::WithParamInterface<BrokenSubject> {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    Config config = FreePorts();
    config.redis = absl::StrCat("unix:", server_->socket());
    Start(config);
  }
};

TEST_P(WithRedis, ATestWhoseSubjectIsBrokenFails) { ExpectMissed(GetParam()); }

TEST_P(WithRedis, ItRunsWhereNothingIsBroken) {
  BrokenSubject whole = GetParam();
  whole.to = whole.from;

  const v1::TestResult result = Run(whole);

  // What it says of time is for a quiet machine.
  EXPECT_GT(result.figures().ok(), 0U) << result.DebugString();
  EXPECT_NE(result.verdict(), v1::ERROR) << result.reason();
}

INSTANTIATE_TEST_SUITE_P(Cachekit, WithRedis,
                         ::testing::ValuesIn(CachekitRedisSubjects()));

}  // namespace
}  // namespace perfrig
