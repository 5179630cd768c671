#include "client/views/suite_text.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/terminal/format.h"
#include "client/terminal/text.h"
#include "client/views/behavior_text.h"
#include "client/views/call_text.h"
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
  for (const auto& [option, value] :
       BehaviorOptions(action.behavior().behavior())) {
    parts.push_back(absl::StrCat(option, " ", value));
  }
  return absl::StrCat(ShortName(action.behavior().target()), ": ",
                      absl::StrJoin(parts, ", "));
}

std::string NetworkText(const v1::Network& network, Style style) {
  std::vector<std::string> parts;
  if (network.has_latency()) {
    parts.push_back(absl::StrCat(
        FormatDuration(ToDuration(network.latency()), style), " round trips"));
  }
  if (network.bytes_per_second() > 0) {
    parts.push_back(FormatBytes(network.bytes_per_second()) + "/s");
  }
  return "over a network of " + absl::StrJoin(parts, " and ");
}

class SuiteWriter {
 public:
  // Lines take `columns` (0: no limit).
  SuiteWriter(Style style, int columns, std::string& text)
      : style_(style), columns_(columns), text_(text) {}

  // What does not fit goes on below, behind `indent` blanks.
  void Line(const std::string& line, int indent) {
    for (const std::string& part :
         Wrap(line, columns_, indent, Separator(style_))) {
      absl::StrAppend(&text_, part, "\n");
    }
  }

  void Test(const v1::Test& test) {
    std::string name = "  " + Paint(style_, Color::kStrong, test.name());
    if (!test.tags().empty()) {
      absl::StrAppend(&name, "  [", absl::StrJoin(test.tags(), ", "), "]");
    }
    Line(name, 4);
    Field("", test.doc());
    Field("target", absl::StrJoin(test.targets(), ", "));
    Field("needs", absl::StrJoin(test.needs(), ", "));
    if (test.profile() == v1::CPU) Field("profile", "cpu");
    for (const auto& action : test.before()) {
      Field("before", ActionText(action));
    }
    if (test.groups().empty()) Calls(test.calls(), test.mix());
    for (const auto& group : test.groups()) {
      Field("group", group.name());
      Calls(group.calls(), group.mix());
      Field("load", LoadText(group.load(), style_));
    }
    Field(test.groups().empty() ? "load" : "all", AllLoad(test));
    Field("good", test.good());
    for (const auto& expression : test.expect()) Field("expect", expression);
    for (const auto& figure : test.show()) Field("show", figure);
    for (const auto& expression : test.abort_on_fail()) {
      Field("abort on", expression);
    }
    for (const auto& action : test.after()) Field("after", ActionText(action));
    text_ += "\n";
  }

 private:
  std::string NameAndValue(const char* name, const std::string& value) const {
    return absl::StrCat("      ",
                        Paint(style_, Color::kQuiet, PadRight(name, 8)), "  ",
                        Printable(value));
  }

  void Field(const char* name, const std::string& value) {
    if (!value.empty()) Line(NameAndValue(name, value), 16);
  }

  // Of the whole test: what its groups share, where it has some.
  std::string AllLoad(const v1::Test& test) const {
    std::vector<std::string> parts;
    if (test.groups().empty()) parts.push_back(LoadText(test.load(), style_));
    if (test.warmup_auto()) parts.emplace_back("once it is steady");
    if (test.has_warmup()) {
      parts.push_back(absl::StrCat(
          "after ", FormatDuration(ToDuration(test.warmup()), style_),
          " of warm-up"));
    }
    if (test.rounds() > 1) {
      parts.push_back(absl::StrCat(test.rounds(), " rounds"));
    }
    return absl::StrJoin(parts, ", ");
  }

  template <typename AllCalls>
  void Calls(const AllCalls& calls, bool mix) {
    double weights = 0;
    for (const auto& call : calls) weights += WeightOf(call);
    for (const auto& call : calls) {
      Call(call, mix ? WeightOf(call) / weights : 0);
    }
  }

  static double WeightOf(const v1::Call& call) {
    return call.weight() > 0 ? call.weight() : 1;
  }

  // `share` of the iterations make it, where they do not all.
  void Call(const v1::Call& call, double share) {
    Field(call.name().empty() ? "call" : call.name().c_str(),
          share > 0 ? absl::StrCat(call.method(), ", ", FormatShare(share))
                    : call.method());
    // Of long data the first line says enough.
    for (const auto& data : call.data()) {
      absl::StrAppend(&text_,
                      CutToWidth(NameAndValue("data", data), columns_,
                                 SymbolsOf(style_).ellipsis),
                      "\n");
    }
    Field("made", CallOptionsText(call, style_));
  }

  Style style_;
  int columns_;
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
  if (load.sessions() > 0) {
    parts.push_back(absl::StrCat(FormatCount(load.sessions()), " sessions"));
  }
  if (load.has_search()) {
    parts.push_back(absl::StrCat("search from ",
                                 FormatRate(load.search().from()), " to ",
                                 FormatRate(load.search().to())));
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
  if (load.has_network()) parts.push_back(NetworkText(load.network(), style));
  return absl::StrJoin(parts, ", ");
}

std::string RenderSuite(const v1::Suite& suite, Style style, int columns) {
  std::string text;
  SuiteWriter writer(style, columns, text);
  writer.Line(
      absl::StrCat(Paint(style, Color::kStrong, ShortName(suite.name())), "  ",
                   Printable(suite.title())),
      2);
  for (const auto line :
       absl::StrSplit(suite.doc(), '\n', absl::SkipWhitespace())) {
    writer.Line("  " + Printable(std::string(line)), 2);
  }
  if (!suite.tags().empty()) {
    writer.Line("  tags: " + absl::StrJoin(suite.tags(), ", "), 4);
  }
  if (!suite.targets().empty()) {
    writer.Line("  target: " + absl::StrJoin(suite.targets(), ", "), 4);
  }
  if (!suite.needs().empty()) {
    writer.Line("  needs: " + absl::StrJoin(suite.needs(), ", "), 4);
  }
  text += "\n";
  for (const auto& test : suite.tests()) writer.Test(test);
  return text;
}

}  // namespace perfrig
