// No shipped test passes whatever happens: each is made to fail by a case of
// this folder.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/suites/reader.h"
#include "server/suites/shipped.h"
#include "server/suites/threshold.h"
#include "tests/integration/broken/breakage.h"
#include "tests/integration/broken/broken_subject.h"

namespace perfrig {
namespace {

using ::testing::Contains;

// "suite/test"
using Name = std::string;

// Tests that no case breaks, and why none can.
const std::map<Name, std::string>& Exceptions() {
  constexpr char kNoBaseline[] = "SKIPPED until baselines can be kept";
  static const auto& exceptions = *new std::map<Name, std::string>{
      {"ingester-future/regression", kNoBaseline},
      {"salestalk-regression/classification_baseline", kNoBaseline},
      {"salestalk-regression/narrative_baseline", kNoBaseline},
  };
  return exceptions;
}

struct Shipped {
  // Below suites/.
  std::string file;
  v1::Suite suite;

  // "suites/" is no part of what cases say.
  [[nodiscard]] std::string id() const { return suite.name().substr(7); }
  [[nodiscard]] Name NameOf(const std::string& test) const {
    return absl::StrCat(id(), "/", test);
  }
};

const std::vector<Shipped>& AllShipped() {
  static const auto& all = *[] {
    auto* const shipped = new std::vector<Shipped>;
    for (const suites::ShippedSuite& one : suites::ShippedSuites()) {
      v1::SuiteSource source;
      source.set_text(std::string(one.text));
      suites::ReadResult read = suites::ReadSuite(source);
      EXPECT_TRUE(read.suite.has_value()) << one.file;
      if (!read.suite) continue;
      shipped->push_back({std::string(one.file), *std::move(read.suite)});
    }
    return shipped;
  }();
  return all;
}

// What a case says has to be missed.
struct Missed {
  Name test;
  std::string threshold;
};

void AddBreakages(std::vector<Missed>& all) {
  for (const auto& breakages :
       {CoreBreakages(), IngesterBreakages(), IngesterS3Breakages(),
        LlmBreakages(), SalesTalkBreakages(), SparkleBreakages(),
        SparkleScaleBreakages()}) {
    for (const Breakage& breakage : breakages) {
      for (const BrokenRun& run : breakage.runs) {
        for (const Miss& miss : run.misses) {
          all.push_back(
              {absl::StrCat(breakage.suite, "/", miss.test), miss.threshold});
        }
      }
    }
  }
}

void AddSubjects(std::vector<Missed>& all) {
  for (const auto& subjects : {CachekitSubjects(), CachekitRedisSubjects(),
                               IngesterSubjects(), SparkleSubjects()}) {
    for (const BrokenSubject& subject : subjects) {
      const auto shipped = std::find_if(
          AllShipped().begin(), AllShipped().end(),
          [&](const Shipped& one) { return one.file == subject.file; });
      ASSERT_NE(shipped, AllShipped().end()) << subject.file;
      for (const std::string& threshold : subject.missed) {
        all.push_back({shipped->NameOf(subject.test), threshold});
      }
    }
  }
}

std::vector<Missed> AllMissed() {
  std::vector<Missed> all;
  AddBreakages(all);
  AddSubjects(all);
  return all;
}

std::set<Name> AllBroken() {
  std::set<Name> broken;
  for (const Missed& missed : AllMissed()) broken.insert(missed.test);
  return broken;
}

// Of each shipped test, with those that it has without saying so.
std::map<Name, std::vector<std::string>> Thresholds() {
  std::map<Name, std::vector<std::string>> all;
  for (const Shipped& shipped : AllShipped()) {
    for (const v1::Test& test : shipped.suite.tests()) {
      std::vector<std::string>& of_test = all[shipped.NameOf(test.name())];
      of_test.assign(test.expect().begin(), test.expect().end());
      const auto implied = suites::ImpliedThreshold(test);
      if (implied) of_test.push_back(*implied);
    }
  }
  return all;
}

TEST(EveryShippedTest, IsMadeToFailByACase) {
  const std::set<Name> broken = AllBroken();
  const auto tests = Thresholds();
  ASSERT_FALSE(tests.empty());

  for (const auto& [test, thresholds] : tests) {
    EXPECT_TRUE(broken.contains(test) || Exceptions().contains(test))
        << "nothing shows that " << test << " can fail: break its target, or "
        << "say here why none can be broken";
  }
}

TEST(EveryShippedTest, ThatIsAnExceptionIsOne) {
  const std::set<Name> broken = AllBroken();
  const auto tests = Thresholds();

  for (const auto& [test, reason] : Exceptions()) {
    EXPECT_TRUE(tests.contains(test)) << test << " is no shipped test";
    EXPECT_FALSE(broken.contains(test)) << test << " is broken by a case";
  }
}

TEST(EveryShippedTest, HasTheThresholdsThatCasesBreak) {
  const auto tests = Thresholds();

  for (const Missed& missed : AllMissed()) {
    const auto test = tests.find(missed.test);
    ASSERT_NE(test, tests.end()) << missed.test << " is no shipped test";
    EXPECT_THAT(test->second, Contains(missed.threshold)) << missed.test;
  }
}

}  // namespace
}  // namespace perfrig
