#include "client/views/suite_text.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/terminal/format.h"
#include "client/terminal/table.h"
#include "client/terminal/text.h"
#include "client/views/behavior_text.h"
#include "client/views/report.h"
#include "client/views/times.h"

namespace perfrig {
namespace {

std::string StageText(const v1::Stage& stage, Style style) {
  const std::string level =
      stage.level_case() == v1::Stage::kRate
          ? FormatRate(stage.rate())
          : absl::StrCat(FormatCount(stage.users()), " users");
  return absl::StrCat(stage.ramp() ? "to " : "hold ", level,
                      stage.ramp() ? " in " : " for ",
                      FormatDuration(ToDuration(stage.duration()), style));
}

std::string ArrivalsText(const v1::Load& load) {
  if (load.arrivals() == v1::POISSON) return " poisson";
  if (load.arrivals() == v1::GAMMA) return " gamma";
  return "";
}

std::string ActionText(const v1::Action& action) {
  if (action.has_call()) return action.call().method();
  std::vector<std::string> parts;
  for (const auto& [flag, value] :
       BehaviorFlags(action.behavior().behavior())) {
    parts.push_back(absl::StrCat(flag, " ", value));
  }
  return absl::StrCat(ShortName(action.behavior().target()), ": ",
                      absl::StrJoin(parts, ", "));
}

class SuiteWriter {
 public:
  SuiteWriter(Style style, std::string& text) : style_(style), text_(text) {}

  void Field(const char* name, const std::string& value) {
    if (value.empty()) return;
    absl::StrAppend(&text_, "      ",
                    Paint(style_, Color::kQuiet, PadRight(name, 8)), "  ",
                    Printable(value), "\n");
  }

  void Test(const v1::Test& test) {
    absl::StrAppend(&text_, "  ", Paint(style_, Color::kStrong, test.name()),
                    test.tags().empty() ? "" : "  [",
                    absl::StrJoin(test.tags(), ", "),
                    test.tags().empty() ? "" : "]", "\n");
    Field("", test.doc());
    for (const auto& action : test.before()) {
      Field("before", ActionText(action));
    }
    for (const auto& call : test.calls()) Call(call);
    std::string load = LoadText(test.load(), style_);
    if (test.has_warmup()) {
      absl::StrAppend(&load, ", after ",
                      FormatDuration(ToDuration(test.warmup()), style_),
                      " of warm-up");
    }
    if (test.rounds() > 1) {
      absl::StrAppend(&load, ", ", test.rounds(), " rounds");
    }
    Field("load", load);
    for (const auto& expression : test.expect()) Field("expect", expression);
    for (const auto& action : test.after()) Field("after", ActionText(action));
    text_ += "\n";
  }

 private:
  void Call(const v1::Call& call) {
    Field(call.name().empty() ? "call" : call.name().c_str(), call.method());
    for (const auto& data : call.data()) Field("data", data);
  }

  Style style_;
  std::string& text_;
};

}  // namespace

std::string LoadText(const v1::Load& load, Style style) {
  std::vector<std::string> parts;
  if (load.users() > 0) {
    parts.push_back(absl::StrCat(FormatCount(load.users()),
                                 load.users() == 1 ? " user" : " users"));
  }
  if (load.rate() > 0) {
    parts.push_back(FormatRate(load.rate()) + ArrivalsText(load));
  }
  if (load.burst() > 0) {
    parts.push_back(absl::StrCat("burst of ", FormatCount(load.burst())));
  }
  for (const auto& stage : load.stages()) {
    parts.push_back(StageText(stage, style));
  }
  if (load.iterations() > 0) {
    parts.push_back(
        absl::StrCat(FormatCount(load.iterations()), " iterations"));
  }
  if (load.iterations_per_user() > 0) {
    parts.push_back(absl::StrCat(FormatCount(load.iterations_per_user()),
                                 " iterations a user"));
  }
  if (load.has_duration()) {
    parts.push_back(absl::StrCat(
        "for ", FormatDuration(ToDuration(load.duration()), style)));
  }
  if (load.has_think()) {
    parts.push_back(absl::StrCat(
        "thinking ", FormatDuration(ToDuration(load.think()), style)));
  }
  if (load.connections() > 0) {
    parts.push_back(absl::StrCat(load.connections(), " connections"));
  }
  if (load.connection_per_user()) parts.emplace_back("a connection a user");
  return absl::StrJoin(parts, ", ");
}

std::string RenderSuite(const v1::Suite& suite, Style style, int columns) {
  std::string text =
      absl::StrCat(Paint(style, Color::kStrong, ShortName(suite.name())), "  ",
                   Printable(suite.title()), "\n");
  for (const auto line :
       absl::StrSplit(suite.doc(), '\n', absl::SkipWhitespace())) {
    absl::StrAppend(&text, "  ", Printable(std::string(line)), "\n");
  }
  if (!suite.tags().empty()) {
    absl::StrAppend(&text, "  tags: ", absl::StrJoin(suite.tags(), ", "), "\n");
  }
  if (!suite.targets().empty()) {
    absl::StrAppend(&text, "  target: ", absl::StrJoin(suite.targets(), ", "),
                    "\n");
  }
  text += "\n";
  SuiteWriter writer(style, text);
  for (const auto& test : suite.tests()) writer.Test(test);
  if (columns <= 0) return text;
  std::string cut;
  for (const auto line : absl::StrSplit(text, '\n')) {
    absl::StrAppend(
        &cut, CutToWidth(std::string(line), columns, SymbolsOf(style).ellipsis),
        "\n");
  }
  cut.pop_back();
  return cut;
}

std::string RenderSuiteList(const v1::ListSuitesResponse& list, Style style,
                            int columns) {
  Table table({{"suite"}, {"tests", Table::kRight}, {"tags"}, {"title"}});
  for (const auto& suite : list.suites()) {
    table.AddRow({Paint(style, Color::kStrong, ShortName(suite.name())),
                  absl::StrCat(suite.tests_size()),
                  absl::StrJoin(suite.tags(), ","), Printable(suite.title())});
  }
  return table.Render(style, 0, columns);
}

}  // namespace perfrig
