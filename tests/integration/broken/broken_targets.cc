#include "tests/integration/broken/broken_targets.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"

namespace perfrig {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

const v1::TestResult* Find(const v1::Run& run, const std::string& test) {
  for (const v1::SuiteResult& suite : run.suites()) {
    const auto found = std::find_if(
        suite.tests().begin(), suite.tests().end(),
        [&test](const v1::TestResult& one) { return one.test() == test; });
    if (found != suite.tests().end()) return &*found;
  }
  return nullptr;
}

const v1::ThresholdResult* Find(const v1::TestResult& test,
                                const std::string& threshold) {
  const auto found =
      std::find_if(test.thresholds().begin(), test.thresholds().end(),
                   [&threshold](const v1::ThresholdResult& one) {
                     return one.expression() == threshold;
                   });
  return found == test.thresholds().end() ? nullptr : &*found;
}

void ExpectMiss(const v1::TestResult& test, const Miss& miss) {
  EXPECT_EQ(test.verdict(), v1::FAIL)
      << v1::Verdict_Name(test.verdict()) << ": " << test.reason();
  const v1::ThresholdResult* threshold = Find(test, miss.threshold);
  ASSERT_NE(threshold, nullptr) << miss.threshold << " is no threshold of it";
  EXPECT_EQ(threshold->verdict(), v1::FAIL)
      << miss.threshold << ": " << threshold->observed_text() << " "
      << threshold->reason();
  if (!miss.hint.empty()) {
    EXPECT_THAT(test.hints(), Contains(HasSubstr(miss.hint)));
  }
}

}  // namespace

BrokenTargets::~BrokenTargets() {
  if (!path_.empty()) std::filesystem::remove(path_);
}

void BrokenTargets::ExpectAllMisses(Config config) {
  ASSERT_NO_FATAL_FAILURE(StartBroken(std::move(config)));

  for (const BrokenRun& run : GetParam().runs) ExpectMisses(run);
}

void BrokenTargets::StartBroken(Config config) {
  path_ =
      absl::StrCat(::testing::TempDir(), "broken_", GetParam().name, ".yaml");
  std::ofstream(path_) << GetParam().behavior;
  config.behavior = path_;
  // This process is a test, not the daemon.
  config.program = PERFRIGD;
  Start(std::move(config));
}

void BrokenTargets::ExpectMisses(const BrokenRun& run) {
  v1::StartRunRequest request;
  request.add_suites(GetParam().suite);
  for (const Miss& miss : run.misses) request.add_tests(miss.test);
  if (!run.load.empty()) {
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
        run.load, request.mutable_load()));
  }
  request.set_rounds(run.rounds);

  const absl::StatusOr<v1::Run> started = StartRun(request);
  ASSERT_TRUE(started.ok()) << started.status();
  const absl::StatusOr<v1::Run> ended = WaitFor(started->name());
  ASSERT_TRUE(ended.ok()) << ended.status();

  for (const Miss& miss : run.misses) {
    SCOPED_TRACE(GetParam().suite + "/" + miss.test);
    const v1::TestResult* test = Find(*ended, miss.test);
    ASSERT_NE(test, nullptr);
    ExpectMiss(*test, miss);
  }
}

}  // namespace perfrig
