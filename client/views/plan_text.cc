#include "client/views/plan_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/terminal/format.h"
#include "client/terminal/table.h"
#include "client/terminal/text.h"
#include "client/views/report.h"
#include "client/views/suite_list.h"
#include "client/views/times.h"
#include "client/views/verdict.h"

namespace perfrig {
namespace {

struct Turn {
  const v1::Suite* suite = nullptr;
  const v1::Test* test = nullptr;
  const v1::TestResult* result = nullptr;
};

// By the times at which they would begin.
std::vector<Turn> OrderOf(const v1::Run& plan) {
  std::vector<Turn> order;
  for (const v1::SuiteResult& suite : plan.suites()) {
    for (const v1::TestResult& result : suite.tests()) {
      const auto& tests = suite.suite().tests();
      const auto test = std::find_if(
          tests.begin(), tests.end(),
          [&](const v1::Test& each) { return each.name() == result.test(); });
      if (test != tests.end()) {
        order.push_back({&suite.suite(), &*test, &result});
      }
    }
  }
  std::stable_sort(
      order.begin(), order.end(), [](const Turn& a, const Turn& b) {
        return ToTime(a.result->start_time()) < ToTime(b.result->start_time());
      });
  return order;
}

std::string TargetsOf(const v1::Suite& suite, const v1::Test& test) {
  const auto& targets =
      test.targets().empty() ? suite.targets() : test.targets();
  return targets.empty() ? "self" : absl::StrJoin(targets, ", ");
}

bool IsSkipped(const Turn& turn) {
  return turn.result->verdict() == v1::SKIPPED;
}

std::string Remark(const Turn& turn) {
  if (IsSkipped(turn)) {
    return absl::StrCat("skipped: ", Printable(turn.result->reason()));
  }
  return turn.result->needed_by_other() ? "a threshold needs it" : "";
}

std::string TimeOf(const Turn& turn, Style style) {
  if (IsSkipped(turn)) return "-";
  return FormatDuration(
      ToTime(turn.result->end_time()) - ToTime(turn.result->start_time()),
      style);
}

}  // namespace

std::string RenderPlan(const v1::Run& plan, Style style, int columns) {
  Table table({{.title = "test", .narrowest = 12},
               {"time", Table::kRight},
               {"thresholds", Table::kRight, /*drop=*/1},
               {.title = "target", .drop = 3},
               {.title = "needs", .drop = 2},
               {""}});
  int skipped = 0;
  const std::vector<Turn> order = OrderOf(plan);
  for (const Turn& turn : order) {
    if (IsSkipped(turn)) ++skipped;
    table.AddRow({absl::StrCat(ShortName(turn.suite->name()), "/",
                               Paint(style, Color::kStrong, turn.test->name())),
                  TimeOf(turn, style),
                  absl::StrCat(turn.test->expect_size() +
                               turn.test->abort_on_fail_size()),
                  TargetsOf(*turn.suite, *turn.test),
                  absl::StrJoin(NeedsOf(*turn.suite, *turn.test), ", "),
                  Paint(style, Color::kQuiet, Remark(turn))});
  }
  const std::size_t tests = order.size();
  return absl::StrCat(
      table.Render(style, 0, columns), "\n", tests,
      tests == 1 ? " test" : " tests",
      skipped > 0 ? absl::StrCat(", ", skipped, " of them skipped") : "",
      ", about ", FormatDuration(ToDuration(plan.remaining()), style),
      ". Nothing was run.\n");
}

}  // namespace perfrig
