#include "server/targets/render.h"

#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "server/targets/template_check.h"

namespace perfrig::targets {
namespace {

using google::protobuf::Struct;
using ::testing::HasSubstr;

Struct FromJson(const std::string& json) {
  Struct variables;
  EXPECT_TRUE(
      google::protobuf::util::JsonStringToMessage(json, &variables).ok());
  return variables;
}

std::string Filled(const std::string& text, const std::string& json = "{}") {
  SystemClock clock;
  EXPECT_TRUE(CheckTemplate(text).ok()) << CheckTemplate(text);
  const auto filled =
      Render(text, FromJson(json), {.time = 60 * kSecond}, clock);
  EXPECT_TRUE(filled.ok()) << filled.status();
  return filled.ok() ? *filled : "";
}

std::string Refusal(const std::string& text) {
  const absl::Status status = CheckTemplate(text);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

std::string Nested(int levels) {
  std::string text;
  for (int i = 0; i < levels; ++i) text += "{{#A}}";
  for (int i = 0; i < levels; ++i) text += "{{/A}}";
  return text;
}

TEST(Render, PutsVariablesInTheirPlaces) {
  EXPECT_EQ(Filled("{{A}} {{B}} {{C}} {{D}}|{{E}}{{! none }}",
                   R"({"A": "x", "B": 2, "C": 1.5, "D": true})"),
            "x 2 1.5 true|");
}

TEST(Render, EscapesForWhereAVariableStands) {
  const std::string json = R"({"A": "<b>\"'&", "U": "javascript:run"})";

  EXPECT_EQ(Filled("{{A}}", json), "&lt;b&gt;&quot;&#39;&amp;");
  EXPECT_EQ(Filled("{{A:none}}", json), "<b>\"'&");
  EXPECT_EQ(Filled("<a href=\"{{U}}\">", json), "<a href=\"#\">");
  EXPECT_THAT(Filled("<script>var a = '{{A}}';</script>", json),
              HasSubstr("\\x3cb\\x3e"));
}

TEST(Render, LoopsOverItemsAndLooksInsideOut) {
  EXPECT_EQ(Filled("{{#L}}{{A}}{{B}}{{#L_separator}},{{/L_separator}}{{/L}}",
                   R"({"A": 1, "B": 2, "L": [{"B": 3}, {}, {"A": 4}]})"),
            "13,12,42");
  EXPECT_EQ(Filled("{{#L}}{{ITEM}};{{/L}}", R"({"L": ["a", 1]})"), "a;1;");
  EXPECT_EQ(Filled("{{#S}}{{A}}{{/S}}", R"({"S": {"A": "x"}})"), "x");
}

TEST(Render, ShowsASectionForWhatIsTrueAndItsOppositeForTheRest) {
  for (const char* truth : {"true", "1", "\"x\"", "[1]", "{}"}) {
    EXPECT_EQ(Filled("{{#A}}y{{/A}}{{#NOT_A}}n{{/NOT_A}}",
                     std::string("{\"A\": ") + truth + "}"),
              "y")
        << truth;
  }
  for (const char* json : {"{}", "{\"A\": false}", "{\"A\": 0}",
                           "{\"A\": \"\"}", "{\"A\": []}", "{\"A\": null}"}) {
    EXPECT_EQ(Filled("{{#A}}y{{/A}}{{#NOT_A}}n{{/NOT_A}}", json), "n") << json;
  }
}

TEST(Render, RefusesWhatIsNoTemplate) {
  EXPECT_EQ(Refusal("a\nb {{X"), "text: line 2: a marker must end with \"}}\"");
  EXPECT_EQ(Refusal("{{#A}}\n"), "text: line 2: \"{{#A}}\" must be closed");
  EXPECT_THAT(Refusal("{{#A}}{{/B}}"), HasSubstr("was opened last"));
  EXPECT_THAT(Refusal("{{A:json}}"), HasSubstr("\":none\" only"));
  for (const char* text :
       {"{{>/etc/passwd}}", "{{%AUTOESCAPE context=\"XML\"}}", "{{=<% %>=}}",
        "{{}}", "{{A B}}", "{{#}}{{/}}"}) {
    EXPECT_THAT(Refusal(text), HasSubstr("a marker must be a name")) << text;
  }
}

TEST(Render, BoundsSizeAndDepth) {
  EXPECT_THAT(Refusal(std::string(kLargestTemplate + 1, 'x')),
              HasSubstr("text: must have at most 262144 bytes"));
  EXPECT_THAT(Refusal(Nested(33)), HasSubstr("at most 32 deep"));
  EXPECT_EQ(Filled(Nested(32), R"({"A": true})"), "");
  Struct deep;
  Struct* level = &deep;
  for (int i = 0; i < 40; ++i) {
    level = (*level->mutable_fields())["a"].mutable_struct_value();
  }
  EXPECT_EQ(CheckVariables(deep).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(CheckVariables(FromJson(R"({"a": {"b": [1, {}]}})")).ok());
}

TEST(Render, EndsAtItsLimits) {
  SystemClock clock;
  const Struct hundred = [] {
    Struct variables;
    auto& list = *(*variables.mutable_fields())["L"].mutable_list_value();
    for (int i = 0; i < 100; ++i) list.add_values()->set_bool_value(true);
    return variables;
  }();
  // A loop in itself: 100 to the power of 30 turns.
  std::string endless;
  for (int i = 0; i < 30; ++i) endless += "{{#L}}";
  endless += "{{X}}";
  for (int i = 0; i < 30; ++i) endless += "{{/L}}";

  const auto slow = Render(endless, hundred, {.time = 5 * kMillisecond}, clock);
  const auto large =
      Render("{{#L}}{{#L}}{{#L}}xxxx{{/L}}{{/L}}{{/L}}", hundred,
             {.output_bytes = 1'000, .time = 60 * kSecond}, clock);

  EXPECT_EQ(slow.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(slow.status().message()), HasSubstr("render_time"));
  EXPECT_THAT(std::string(large.status().message()), HasSubstr("output_bytes"));
}

}  // namespace
}  // namespace perfrig::targets
