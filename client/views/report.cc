#include "client/views/report.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/terminal/format.h"
#include "client/terminal/text.h"
#include "client/views/test_details.h"
#include "client/views/test_table.h"
#include "client/views/times.h"
#include "client/views/verdict.h"

namespace perfrig {
namespace {

// What does not fit goes on below, two columns further in.
void AppendLine(const std::string& line, const ReportOptions& options,
                std::string& text) {
  const std::size_t blanks = std::min(line.find_first_not_of(' '), line.size());
  for (const std::string& part :
       Wrap(line, options.columns, static_cast<int>(blanks) + 2,
            Separator(options.style))) {
    absl::StrAppend(&text, part, "\n");
  }
}

std::string SuiteHeading(const v1::Suite& suite, Style style) {
  std::string heading = Paint(style, Color::kStrong, ShortName(suite.name()));
  if (!suite.title().empty()) {
    absl::StrAppend(&heading, "  ", Printable(suite.title()));
  }
  return heading;
}

void AppendSuite(const v1::SuiteResult& suite, const ReportOptions& options,
                 std::string& text) {
  // The run ended before its first test.
  if (suite.tests().empty()) return;
  text += "\n";
  AppendLine(SuiteHeading(suite.suite(), options.style), options, text);
  text += "\n";
  absl::StrAppend(&text,
                  RenderTestTable(suite, options.style, options.columns));
  for (const auto& result : suite.tests()) {
    absl::StrAppend(&text, "\n");
    for (const auto& line : TestDetails(result, options.style)) {
      AppendLine("  " + line, options, text);
    }
  }
}

absl::Duration TimeOf(const v1::TestResult& result) {
  return ToTime(result.end_time()) - ToTime(result.start_time());
}

void AppendSlowestTests(const v1::Run& run, const ReportOptions& options,
                        std::string& text) {
  std::vector<std::pair<absl::Duration, std::string>> tests;
  for (const auto& suite : run.suites()) {
    for (const auto& result : suite.tests()) {
      tests.emplace_back(TimeOf(result),
                         ShortName(suite.suite().name()) + "/" + result.test());
    }
  }
  std::stable_sort(
      tests.begin(), tests.end(),
      [](const auto& a, const auto& b) { return a.first > b.first; });
  const auto shown = static_cast<std::size_t>(options.slowest_tests);
  if (tests.size() > shown) tests.resize(shown);
  if (tests.empty()) return;
  absl::StrAppend(&text, "\nslowest tests\n");
  for (const auto& [time, name] : tests) {
    absl::StrAppend(&text, "  ",
                    PadLeft(FormatDuration(time, options.style), 9), "  ", name,
                    "\n");
  }
}

std::string Totals(const v1::Run& run, Style style) {
  int tests = 0;
  int finished = 0;
  int passed = 0;
  int skipped = 0;
  for (const auto& suite : run.suites()) {
    for (const auto& result : suite.tests()) {
      ++tests;
      if (result.verdict() != v1::VERDICT_UNSPECIFIED) ++finished;
      if (result.verdict() == v1::PASS) ++passed;
      if (result.verdict() == v1::SKIPPED) ++skipped;
    }
  }
  if (run.state() != v1::FINISHED) {
    // How many are to come the result does not say.
    return absl::StrCat(finished, finished == 1 ? " test" : " tests",
                        " finished so far");
  }
  std::string text = passed == tests
                         ? absl::StrCat(tests, tests == 1 ? " test" : " tests")
                         : absl::StrCat(passed, " of ", tests, " tests passed");
  if (skipped > 0) absl::StrAppend(&text, ", ", skipped, " skipped");
  if (run.has_start_time() && run.has_end_time()) {
    absl::StrAppend(
        &text, " in ",
        FormatDuration(ToTime(run.end_time()) - ToTime(run.start_time()),
                       style));
  }
  return text;
}

std::string LastLine(const v1::Run& run, const ReportOptions& options) {
  const Style style = options.style;
  std::string line = absl::StrCat(StateOrVerdict(run, style), "  ", run.name(),
                                  Separator(style), Totals(run, style));
  if (options.again && !run.name().empty()) {
    absl::StrAppend(&line, Separator(style),
                    Paint(style, Color::kQuiet,
                          "again: perfrig result " + ShortName(run.name())));
  }
  return line;
}

}  // namespace

std::string ShortName(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return std::string(slash == std::string_view::npos ? name
                                                     : name.substr(slash + 1));
}

std::string RenderReport(const v1::Run& run, const ReportOptions& options) {
  std::string text;
  for (const auto& suite : run.suites()) AppendSuite(suite, options, text);
  if (options.slowest_tests > 0) AppendSlowestTests(run, options, text);
  if (!text.empty()) text += "\n";
  if (run.verdict() != v1::PASS && !run.reason().empty()) {
    AppendLine(Paint(options.style, VerdictColor(run.verdict()),
                     Printable(run.reason())),
               options, text);
  }
  AppendLine(LastLine(run, options), options, text);
  return text;
}

}  // namespace perfrig
