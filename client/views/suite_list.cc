#include "client/views/suite_list.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/terminal/format.h"
#include "client/terminal/table.h"
#include "client/terminal/text.h"
#include "client/views/report.h"
#include "common/suites/planned_time.h"

namespace perfrig {
namespace {

void AddOnce(const google::protobuf::RepeatedPtrField<std::string>& more,
             std::vector<std::string>& all) {
  for (const std::string& each : more) {
    if (std::find(all.begin(), all.end(), each) == all.end()) {
      all.push_back(each);
    }
  }
}

// Of any of its tests.
std::vector<std::string> NeedsOf(const v1::Suite& suite) {
  std::vector<std::string> needs;
  AddOnce(suite.needs(), needs);
  for (const v1::Test& test : suite.tests()) AddOnce(test.needs(), needs);
  return needs;
}

std::string TimeText(Nanos time, Style style) {
  return FormatDuration(absl::Nanoseconds(time), style);
}

Nanos TimeOf(const v1::Suite& suite) {
  Nanos time = 0;
  for (const v1::Test& test : suite.tests()) time += ExpectedTime(test);
  return time;
}

}  // namespace

std::vector<std::string> NeedsOf(const v1::Suite& suite, const v1::Test& test) {
  std::vector<std::string> needs;
  AddOnce(suite.needs(), needs);
  AddOnce(test.needs(), needs);
  return needs;
}

std::string FirstSentence(const std::string& doc) {
  std::string text = Printable(doc);
  absl::RemoveExtraAsciiWhitespace(&text);
  // What follows a full stop within a sentence ("e.g. this") is small.
  for (std::size_t at = text.find(". "); at != std::string::npos;
       at = text.find(". ", at + 1)) {
    if (!absl::ascii_islower(text[at + 2])) return text.substr(0, at + 1);
  }
  return text;
}

std::string RenderSuiteList(const v1::ListSuitesResponse& list, Style style,
                            int columns) {
  Table table({{"suite"},
               {"tests", Table::kRight},
               {"time", Table::kRight},
               {.title = "needs", .drop = 2},
               {.title = "tags", .drop = 1},
               {"title"}});
  for (const v1::Suite& suite : list.suites()) {
    table.AddRow({Paint(style, Color::kStrong, ShortName(suite.name())),
                  absl::StrCat(suite.tests_size()),
                  TimeText(TimeOf(suite), style),
                  absl::StrJoin(NeedsOf(suite), ","),
                  absl::StrJoin(suite.tags(), ","), Printable(suite.title())});
  }
  return table.Render(style, 0, columns);
}

std::string RenderTestList(const v1::ListSuitesResponse& list, Style style,
                           int columns) {
  Table table(
      {{"test"}, {"time", Table::kRight}, {.title = "needs", .drop = 1}, {""}});
  for (const v1::Suite& suite : list.suites()) {
    for (const v1::Test& test : suite.tests()) {
      table.AddRow({absl::StrCat(ShortName(suite.name()), "/",
                                 Paint(style, Color::kStrong, test.name())),
                    TimeText(ExpectedTime(test), style),
                    absl::StrJoin(NeedsOf(suite, test), ","),
                    FirstSentence(test.doc())});
    }
  }
  return table.Render(style, 0, columns);
}

}  // namespace perfrig
