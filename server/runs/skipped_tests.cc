#include "server/runs/skipped_tests.h"

#include "absl/strings/str_cat.h"
#include "server/suites/test_targets.h"

namespace perfrig::runs {
namespace {

std::string WhySkipped(const v1::Suite& suite, const v1::Test& test,
                       const WhyLacking& lacking) {
  for (const auto* needs : {&suite.needs(), &test.needs()}) {
    for (const std::string& need : *needs) {
      if (std::string why = lacking(need); !why.empty()) return why;
    }
  }
  if (test.profile() != v1::CPU) return "";
  for (const std::string& target : suites::TargetsOf(suite, test)) {
    if (suites::IsOwn(target)) continue;
    return absl::StrCat("no profile of ", target,
                        ": only processes of self and spawn can be sampled");
  }
  return lacking("profile");
}

}  // namespace

std::vector<TestKey> OthersOf(const v1::Suite& suite, const v1::Test& test) {
  std::vector<TestKey> others;
  const auto named = OthersNamed(suite, test);
  // Judging says what is wrong.
  if (!named.ok()) return others;
  for (const suites::MetricRef& ref : *named) {
    others.emplace_back(
        ref.suite.empty() ? suite.name() : absl::StrCat("suites/", ref.suite),
        ref.test);
  }
  return others;
}

std::map<TestKey, std::string> SkippedTests(
    const std::vector<SelectedSuite>& selected, const WhyLacking& lacking) {
  std::map<TestKey, std::string> skipped;
  // Tests that could run, with those they name.
  std::map<TestKey, std::vector<TestKey>> left;
  for (const SelectedSuite& chosen : selected) {
    for (const v1::Test& test : chosen.suite.tests()) {
      TestKey key(chosen.suite.name(), test.name());
      std::string why = WhySkipped(chosen.suite, test, lacking);
      if (!why.empty()) {
        skipped.emplace(std::move(key), std::move(why));
      } else {
        v1::Test judged = test;
        // What is only shown may be missing.
        judged.clear_show();
        left.emplace(std::move(key), OthersOf(chosen.suite, judged));
      }
    }
  }
  const auto names_skipped = [&](const auto& test) {
    const auto& [key, others] = test;
    for (const TestKey& other : others) {
      const auto found = skipped.find(other);
      if (found == skipped.end()) continue;
      skipped.emplace(key, absl::StrCat("a threshold names ", other.second,
                                        ", which is skipped: ", found->second));
      return true;
    }
    return false;
  };
  // A test that is skipped now may be named by one that was looked at before.
  while (std::erase_if(left, names_skipped) > 0) {
  }
  return skipped;
}

}  // namespace perfrig::runs
