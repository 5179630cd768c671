// A search for the highest rate at which a test's thresholds hold: each try is
// a measurement of its own, from the targets' reset to its verdict.
#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "server/runs/rate_search.h"
#include "server/runs/test_runner.h"
#include "server/runs/verdicts.h"
#include "server/suites/threshold.h"

namespace perfrig::runs {
namespace {

// Thresholds on what the search finds, and those that need other tests, say
// nothing of one try.
bool IsOfOneTry(const std::string& text, const v1::Suite& suite,
                const v1::Test& test) {
  auto threshold = suites::Threshold::Parse(text);
  if (!threshold.ok() || !threshold->Resolve(suite, test).ok()) return true;
  const auto& metrics = threshold->metrics();
  return std::none_of(metrics.begin(), metrics.end(), [](const auto& ref) {
    return !ref.suite.empty() || !ref.test.empty() ||
           ref.metric == "search.rate";
  });
}

v1::Test TestOfOneTry(const v1::Suite& suite, const v1::Test& test) {
  v1::Test one = test;
  one.clear_expect();
  for (const std::string& text : test.expect()) {
    if (IsOfOneTry(text, suite, test)) one.add_expect(text);
  }
  return one;
}

}  // namespace

absl::Status TestRunner::RunTry(Setting& setting, std::uint32_t number,
                                const OnSnapshot& on_snapshot,
                                TestOutcome& outcome) {
  // What the last try left waiting must not burden this one.
  if (setting.control != nullptr) RETURN_IF_ERROR(setting.control->Reset());
  BeginMeasuring(setting);
  RETURN_IF_ERROR(RunRound(setting, number, on_snapshot, outcome));
  Describe(setting, outcome.measured);
  return absl::OkStatus();
}

absl::Status TestRunner::RunSearch(Setting& setting,
                                   const OnSnapshot& on_snapshot,
                                   TestOutcome& outcome) {
  const v1::Test one_try = TestOfOneTry(setting.suite, setting.test);
  RateSearch search(setting.test.load().search());
  for (std::uint32_t number = 0; search.next(); ++number) {
    setting.rate = *search.next();
    // The figures are those of the last try: the one that confirms.
    TestOutcome tried;
    tried.trend = std::move(outcome.trend);
    tried.tries = std::move(outcome.tries);
    const absl::Status status = RunTry(setting, number, on_snapshot, tried);
    outcome = std::move(tried);
    RETURN_IF_ERROR(status);
    const Judged judged = Judge(
        setting.suite, one_try, outcome.measured,
        [&](const std::string& suite, const std::string& test) {
          return suite.empty() && test.empty() ? &outcome.measured : nullptr;
        });
    v1::SearchTry& done = outcome.tries.emplace_back();
    done.set_rate(setting.rate);
    done.set_verdict(judged.verdict);
    done.set_reason(judged.reason);
    // Too few samples are too few in each try.
    if (judged.verdict == v1::INCONCLUSIVE || judged.verdict == v1::ERROR) {
      return absl::OkStatus();
    }
    search.Tell(judged.verdict == v1::PASS);
  }
  outcome.measured.search_rate = search.found();
  return absl::OkStatus();
}

}  // namespace perfrig::runs
