// Texts that are no suites: each problem with its line and column.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/suites/reader.h"
#include "tests/unit/server/suites/suite_text.h"

namespace perfrig::suites {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct BadText {
  std::string name;
  std::string text;
  // All problems.
  std::string problems;
};

void PrintTo(const BadText& bad, std::ostream* out) { *out << bad.name; }

class BadYamlTest : public testing::TestWithParam<BadText> {};

TEST_P(BadYamlTest, IsToldWithItsPlace) {
  EXPECT_EQ(ProblemsOf(GetParam().text), GetParam().problems);
}

const BadText kSyntax[] = {
    {"Nothing", "",
     "s.yaml:1:1: is no suite: a suite begins with suite: NAME and has tests:"},
    {"Text", "hello\n",
     "s.yaml:1:1: is no suite: a suite begins with suite: NAME and has tests:"},
    {"List", "- a\n",
     "s.yaml:1:1: is no suite: a suite begins with suite: NAME and has tests:"},
    {"Tab", "suite: s\ntests:\n\tt: 1\n",
     "s.yaml:3:1: a tab stands here: indent with spaces"},
    {"TabAfterSpaces", "suite: s\ntests:\n  t:\n  \tcall: x\n",
     "s.yaml:4:3: a tab stands here: indent with spaces"},
    {"Colon", "suite: s\ntitle: a: b\n",
     "s.yaml:2:9: is no YAML: a colon that begins no value; put text that has "
     "a colon in quotes"},
    {"OpenBracket", "suite: s\ntags: [a, b\n",
     "s.yaml:3:1: is no YAML: end of sequence flow not found"},
    {"OpenQuote", "suite: s\ntitle: \"abc\ntests: {}\n",
     "s.yaml:2:8: the quote that begins here is never closed"},
    {"OpenSingleQuote", "suite: s\ntitle: 'it''s\n",
     "s.yaml:2:8: the quote that begins here is never closed"},
    {"UnknownAnchor", "suite: *s\n",
     "s.yaml:1:8: is no YAML: the referenced anchor is not defined"},
    {"LoopingAnchor", "suite: s\ntests: &t\n  a: {b: [*t]}\n",
     "s.yaml:3:11: &t contains itself"},
    {"SecondDocument", "suite: s\n---\nsuite: r\n",
     "s.yaml:2:1: a file holds one document: no second ---"},
    {"NotUtf8", "suite: s\ntitle: \xff\n",
     "s.yaml:2:1: this line is not UTF-8"},
    {"Control", std::string("suite: s\n# \x01\n"),
     "s.yaml:2:3: control character 1 is not allowed"},
    {"BracesInText", WithTest("    data: { text: t-{{seq}}, repeat: 1 }\n"),
     "s.yaml:6:21: {{ begins a map in YAML: quote it, as in \"t-{{seq}}\""},
    {"BracesBeforeText", WithTest("    data:\n      text: {{seq}}-x\n"),
     "s.yaml:7:13: {{ begins a map in YAML: quote it, as in \"t-{{seq}}\""},
    {"DollarInBraces", WithTest("    data: { text: ${X} }\n"),
     "s.yaml:6:19: ${ begins a map in YAML: quote it, as in \"${NAME}\""},
};

INSTANTIATE_TEST_SUITE_P(Syntax, BadYamlTest, testing::ValuesIn(kSyntax),
                         [](const auto& info) { return info.param.name; });

const BadText kShape[] = {
    {"BracesAlone", WithTest("    data: { text: {{seq}}, repeat: x }\n"),
     "s.yaml:6:19: tests.t.data.text {{ begins a map in YAML: quote it, as in "
     "\"{{seq}}\"\n"
     "s.yaml:6:36: tests.t.data[0].repeat must be uint32, got \"x\""},
    {"MapAsKey", "suite: s\n? {a: b}\n: 1\n" + WithTest("").substr(9),
     "s.yaml:2:3: keys must be names of at most 256 bytes, got a map"},
    {"KeyTwice", WithTest("    rounds: 2\n    doc: d\n    rounds: 3\n"),
     "s.yaml:8:5: tests.t.rounds is there twice, first in line 6"},
    {"TestTwice",
     WithTest("    rounds: 0\n"
              "  t:\n    call: x\n    load: {users: 1}\n"
              "    data: {a: \"${X}\"}\n"),
     "s.yaml:6:13: tests.t.rounds must be a whole number, 1 to 1,000, got 0\n"
     "s.yaml:7:3: tests.t#2.name must be unique, got \"t\" again\n"
     "s.yaml:8:11: tests.t#2.call must be pkg.Service/Method or local:NAME, "
     "got \"x\"\n"
     "s.yaml:9:11: tests.t#2.load never ends: needs duration, iterations or "
     "iterations_per_user\n"
     "s.yaml:10:15: tests.t#2.data.a ${X} is not set; set it, or write "
     "${X:-default}"},
    {"KeyTwiceAndOutOfRange", WithTest("    deadline: 0s\n    deadline: 1s\n"),
     "s.yaml:6:15: tests.t.deadline must be > 0 and <= 1h, got 0\n"
     "s.yaml:7:5: tests.t.deadline is there twice, first in line 6"},
    {"UnknownKey", WithTest("    waarmup: 1s\n"),
     "s.yaml:6:5: tests.t.waarmup unknown key (did you mean warmup?)"},
    {"KeyOfALaterVersion", WithTest("    interleave: {}\n"),
     "s.yaml:6:5: tests.t.interleave unknown key"},
    {"NoGroup", WithTest("    groups: {}\n"),
     "s.yaml:6:13: tests.t.groups must have at least one group"},
    {"GroupsAreAList", WithTest("    groups: [a]\n"),
     "s.yaml:6:13: tests.t.groups must be a map (key: value), got a list"},
    {"UnknownKeyOfSuite", "sute: s\n" + WithTest("").substr(9),
     "s.yaml:1:1: sute unknown key (did you mean suite?)\n"
     "s.yaml:1:1: suite is missing: name the suite, as in suite: checkout"},
    {"LoadIsText", WithLoad("fast"),
     "s.yaml:5:11: tests.t.load must be a map (key: value), got \"fast\""},
    {"LoadIsNothing", WithLoad(""),
     "s.yaml:5:5: tests.t.load must be a map (key: value), got nothing"},
    {"TestsAreAList", "suite: s\ntests: [a]\n",
     "s.yaml:2:8: tests must be a map (key: value), got a list"},
    {"TextIsAMap", "title: {a: b}\n" + WithTest(""),
     "s.yaml:1:8: title must be a text, got a map"},
    {"TextsAreAMap",
     "tags: {a: b}\n" + WithTest("    tags: [a, [b]]\n    expect:\n"),
     "s.yaml:1:7: tags must be a text or a list of texts, got a map\n"
     "s.yaml:7:15: tests.t.tags[1] must be a text, got a list\n"
     "s.yaml:8:5: tests.t.expect must be a text or a list of texts, got "
     "nothing"},
    {"Times", WithTest("    warmup: 5\n    grace: soon\n    deadline: [1s]\n"),
     "s.yaml:6:13: tests.t.warmup must be a time such as 10s, 1m30s or 500us, "
     "got \"5\"\n"
     "s.yaml:7:12: tests.t.grace must be a time such as 10s, 1m30s or 500us, "
     "got \"soon\"\n"
     "s.yaml:8:15: tests.t.deadline must be a time such as 10s, 1m30s or "
     "500us, got a list"},
    {"Counts", WithTest("    rounds: 1.5\n    min_samples: many\n"),
     "s.yaml:6:13: tests.t.rounds must be a whole number, 1 to 1,000, got 1.5\n"
     "s.yaml:7:18: tests.t.min_samples must be a whole number, got \"many\""},
    {"CountInAnotherNotation", WithTest("    rounds: 1e2\n"),
     "s.yaml:6:13: tests.t.rounds must be a whole number, 1 to 1,000, got 1e2"},
    {"Actions", WithTest("    before: warm\n    after: [x, {cal: y}]\n"),
     "s.yaml:6:13: tests.t.before must be a list of calls and behaviors, got "
     "\"warm\"\n"
     "s.yaml:7:13: tests.t.after[0] must be a map (key: value), got \"x\"\n"
     "s.yaml:7:17: tests.t.after[1].cal unknown key (did you mean call?)"},
    {"Steps", WithTest("    steps: [{call: perfrig.target.v1.Echo/Call}]\n"),
     "s.yaml:6:12: tests.t.steps a test has either one call of its own or "
     "steps"},
    {"DataIsNothing", WithTest("    data:\n"),
     "s.yaml:6:5: tests.t.data must be a map of the message's fields, got "
     "nothing"},
    {"CheckValue", WithTest("    check: {response.text: [a]}\n"),
     "s.yaml:6:28: tests.t.check.response.text must be a text, a number, true "
     "or false, got a list"},
    {"CheckKey", WithTest("    check: {stats: OK}\n"),
     "s.yaml:6:13: tests.t.check.stats unknown key (did you mean status?)"},
};

INSTANTIATE_TEST_SUITE_P(Shape, BadYamlTest, testing::ValuesIn(kShape),
                         [](const auto& info) { return info.param.name; });

TEST(BadYamlTest, TellsOfAllProblemsInTheOrderOfTheFile) {
  EXPECT_EQ(
      ProblemsOf("suite: s\n"
                 "tests:\n"
                 "  t:\n"
                 "    call: perfrig.target.v1.Echo/Cal\n"
                 "    load: {users: 0, duraton: 5s}\n"
                 "    deadline: 0s\n"
                 "    expect:\n"
                 "      - latency.p95 < 100ms\n"
                 "      - latncy.p95 < 100ms\n"),
      "s.yaml:4:11: tests.t.call the mock targets have no method "
      "\"perfrig.target.v1.Echo/Cal\" (did you mean "
      "perfrig.target.v1.Echo/Call?)\n"
      "s.yaml:5:19: tests.t.load.users must be a whole number, 1 to "
      "100,000, got 0\n"
      "s.yaml:5:22: tests.t.load.duraton unknown key (did you mean "
      "duration?)\n"
      "s.yaml:6:15: tests.t.deadline must be > 0 and <= 1h, got 0\n"
      "s.yaml:9:9: tests.t.expect[1] unknown metric \"latncy\" (did you mean "
      "latency?)");
}

TEST(BadYamlTest, NamesTheVariableThatIsNotSet) {
  EXPECT_EQ(ProblemsOf("title: ${X} ${Y:-z}\n" + WithTest("")),
            "s.yaml:1:8: title ${X} is not set; set it, or write "
            "${X:-default}");
  EXPECT_THAT(ProblemsOf("title: ${no name}\n" + WithTest("")),
              HasSubstr("title \"${no name}\" must be ${NAME}"));
  EXPECT_THAT(ProblemsOf("title: a ${X\n" + WithTest("")),
              HasSubstr("\"${\" has no \"}\""));
  EXPECT_THAT(ProblemsOf("title: ${X}\n" + WithTest(""), {{"X", "\xff"}}),
              HasSubstr("the value of ${X} is not UTF-8"));
}

TEST(BadYamlTest, NamesTheEnvironmentThatIsNotSetAndNeverShowsWhatIs) {
  const std::string text =
      "defaults: {metadata: {a: \"{{env A}}\"}}\n" +
      WithTest(
          "    metadata: {b: \"{{env B}}\"}\n"
          "    data: {repeat: \"{{env C}}\"}\n"
          "    before: [{call: perfrig.target.v1.Echo/Call, "
          "data: {text: \"{{env D}}\"}}]\n");

  EXPECT_EQ(
      ProblemsOf(text),
      "s.yaml:1:26: defaults.metadata.a {{env A}}: the variable A is not set\n"
      "s.yaml:7:19: tests.t.metadata.b {{env B}}: the variable B is not set\n"
      "s.yaml:8:20: tests.t.data[0].repeat {{env C}}: the variable C is not "
      "set\n"
      "s.yaml:9:63: tests.t.before[0].data[0].text {{env D}}: the variable D "
      "is not set");
  EXPECT_EQ(
      ProblemsOf(
          text,
          {{"A", "secret"}, {"B", "secret"}, {"C", "secret"}, {"D", "secret"}}),
      "");
}

TEST(BadYamlTest, RefusesMoreThanOneMegabyte) {
  std::string text = "# ";
  text.resize(10'000'002, 'x');

  EXPECT_EQ(ProblemsOf(text),
            "s.yaml:1:1: a file has at most 1 MB, this one has 10000002 "
            "bytes");
}

TEST(BadYamlTest, RefusesDeepNesting) {
  const std::string flow =
      "a: " + std::string(100'000, '[') + std::string(100'000, ']');
  std::string block;
  for (int i = 0; i < 500; ++i) {
    block += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  }

  EXPECT_THAT(ProblemsOf(flow), HasSubstr("nested deeper than 64"));
  EXPECT_THAT(ProblemsOf(block), HasSubstr("nested deeper than 64"));
}

TEST(BadYamlTest, RefusesAliasesThatGrowWithoutEnd) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 20; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) text += last + ", ";
    text += "]\n";
  }
  const std::string long_text = "a: &a " + std::string(500'000, 'x') +
                                "\nb: [*a, *a, *a, *a, *a, *a, *a, *a]\n";

  EXPECT_THAT(ProblemsOf(text), HasSubstr("has more than 100,000 values"));
  EXPECT_THAT(ProblemsOf(long_text), HasSubstr("grows beyond 4 MB"));
}

TEST(BadYamlTest, TellsOfTheFirstProblemsWhereThereAreMany) {
  std::string lines;
  for (int i = 0; i < 1'000; ++i) {
    lines += "    zz" + std::to_string(i) + ": 1\n";
  }

  const ReadResult read = Read(WithTest(lines));

  ASSERT_EQ(read.problems.size(), 201U);
  EXPECT_EQ(read.problems.back().message(), "and 800 more");
}

TEST(BadYamlTest, IsQuickWithManyKeysAndLongOnes) {
  std::string observe = "    observe: {";
  std::string check = "    check: {";
  for (int i = 0; i < 5'000; ++i) {
    observe += "a" + std::to_string(i) + ": response.index, ";
    check += "response.a" + std::to_string(i) + ": 1, ";
  }
  std::string deep = "    data: {" + std::string(500, 'k') + ": {";
  for (int i = 0; i < 10'000; ++i) deep += "a" + std::to_string(i) + ": 1, ";

  EXPECT_THAT(
      ProblemsOf(WithTest(observe + "}\n" + check + "}\n")),
      HasSubstr("tests.t.observe must have at most 200 items, got 5,000"));
  EXPECT_THAT(ProblemsOf(WithTest(deep + "}}\n")),
              HasSubstr("at most 256 bytes"));
}

TEST(BadYamlTest, NamesTheFileAsTheSenderDoes) {
  v1::SuiteSource source;
  source.set_text("[");
  EXPECT_THAT(ToText(ReadSuite(source).problems), StartsWith("suite.yaml:"));
}

}  // namespace
}  // namespace perfrig::suites
