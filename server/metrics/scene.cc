#include "server/metrics/scene.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace perfrig::metrics {
namespace {

class Picker {
 public:
  void Add(LatestTest test) {
    if (tests_.size() >= kTestsShown) return;
    if (!seen_.insert(test.key).second) return;
    tests_.push_back(std::move(test));
  }

  void AddFinishedTests(const v1::Run& run) {
    for (const v1::SuiteResult& suite : run.suites()) {
      for (const v1::TestResult& test : suite.tests()) {
        if (test.state() != v1::FINISHED) continue;
        Add({{ShortName(suite.suite().name()), test.test()}, &test, nullptr});
      }
    }
  }

  std::vector<LatestTest> Take() { return std::move(tests_); }

 private:
  std::set<TestKey> seen_;
  std::vector<LatestTest> tests_;
};

const v1::TestResult* FindFinished(const v1::Run& run,
                                   const v1::Snapshot& snapshot) {
  for (const v1::SuiteResult& suite : run.suites()) {
    if (suite.suite().name() != snapshot.suite()) continue;
    for (const v1::TestResult& test : suite.tests()) {
      if (test.test() == snapshot.test() && test.state() == v1::FINISHED) {
        return &test;
      }
    }
  }
  return nullptr;
}

}  // namespace

std::string ShortName(const std::string& suite) {
  constexpr std::string_view kPrefix = "suites/";
  return suite.starts_with(kPrefix) ? suite.substr(kPrefix.size()) : suite;
}

std::vector<LatestTest> TestsShown(const Scene& scene) {
  Picker picker;
  if (scene.current != nullptr) {
    const v1::Snapshot* snapshot = scene.snapshot.get();
    if (snapshot != nullptr &&
        FindFinished(*scene.current, *snapshot) == nullptr) {
      picker.Add({{ShortName(snapshot->suite()), snapshot->test()},
                  nullptr,
                  snapshot});
    }
    picker.AddFinishedTests(*scene.current);
  }
  const std::size_t runs = std::min(scene.finished.size(), kRunsShown);
  for (std::size_t i = 0; i < runs; ++i) {
    picker.AddFinishedTests(*scene.finished[i]);
  }
  return picker.Take();
}

}  // namespace perfrig::metrics
