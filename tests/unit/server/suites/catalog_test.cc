#include "server/suites/catalog.h"

#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "common/status/details.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/suites/reader.h"
#include "server/suites/shipped.h"

namespace perfrig::suites {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// One test in one suite, of this title.
std::string Suite(std::string_view name, std::string_view title = "") {
  return "suite: " + std::string(name) + "\ntitle: \"" + std::string(title) +
         "\"\ntests:\n  t:\n    call: perfrig.target.v1.Echo/Call\n    load: "
         "{users: 1, iterations: 1}\n";
}

// Those that the shipped suites name: a daemon has them all.
LocalFunctions FunctionsOfTheDaemon() {
  LocalFunctions functions = {{"noop", nullptr}};
  const std::regex local("local:([a-z.]+)");
  for (const ShippedSuite& shipped : ShippedSuites()) {
    const std::string text(shipped.text);
    for (std::sregex_iterator it(text.begin(), text.end(), local), end;
         it != end; ++it) {
      functions.emplace((*it)[1], nullptr);
    }
  }
  return functions;
}

class CatalogTest : public testing::Test {
 protected:
  CatalogTest()
      : folder_(fs::path(testing::TempDir()) /
                testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "below");
  }
  ~CatalogTest() override { fs::remove_all(folder_); }

  void Write(const std::string& file, const std::string& text) const {
    std::ofstream(folder_ / file) << text;
  }

  Catalog Make() const {
    return {folder_.string(), {{"WHO", "operator"}}, FunctionsOfTheDaemon()};
  }

  const fs::path folder_;
};

std::vector<std::string> Names(const std::vector<v1::Suite>& suites) {
  std::vector<std::string> names;
  for (const v1::Suite& suite : suites) names.push_back(suite.name());
  return names;
}

// A suite of one test "t" with this threshold, in line 6 from column 14.
std::string Expecting(const std::string& suite, const std::string& threshold) {
  return "suite: " + suite +
         "\ntests:\n  t:\n    call: perfrig.target.v1.Echo/Call\n    load: "
         "{users: 1, iterations: 1}\n    expect: [\"" +
         threshold + "\"]\n";
}

// What is wrong with a threshold of a suite that somebody sends.
std::string ProblemOf(Catalog& catalog, const std::string& threshold) {
  v1::SuiteSource source;
  source.set_file_name("s.yaml");
  source.set_text(Expecting("s", threshold));
  return ToText(ReadSuite(source, catalog.SurroundingsWith({})).problems);
}

TEST_F(CatalogTest, HasTheShippedSuites) {
  Catalog catalog("", {}, FunctionsOfTheDaemon());

  EXPECT_THAT(Names(catalog.List("")), Contains("suites/quickstart"));
  EXPECT_TRUE(catalog.Get("quickstart").ok());
  EXPECT_TRUE(catalog.Get("suites/self-check").ok());
  EXPECT_TRUE(catalog.Problems().empty());
}

TEST_F(CatalogTest, AddsTheFilesOfTheFolder) {
  Write("b.yaml", Suite("mine-b"));
  Write("below/a.yml", Suite("mine-a"));
  Write("notes.txt", "no suite");
  Catalog catalog = Make();

  EXPECT_THAT(Names(catalog.List("mine-*")),
              ElementsAre("suites/mine-a", "suites/mine-b"));
  EXPECT_THAT(*catalog.Match("suites/mine-?"),
              ElementsAre("suites/mine-a", "suites/mine-b"));
}

TEST_F(CatalogTest, LetsAFileReplaceAShippedSuite) {
  Write("q.yaml", Suite("quickstart", "Mine"));
  Catalog catalog = Make();

  EXPECT_EQ(catalog.Get("quickstart")->title(), "Mine");
}

TEST_F(CatalogTest, ReadsAgainWhenAFileChanges) {
  Catalog catalog = Make();
  EXPECT_FALSE(catalog.Get("late").ok());

  Write("late.yaml", Suite("late", "one"));
  EXPECT_EQ(catalog.Get("late")->title(), "one");

  Write("late.yaml", Suite("late", "two, longer"));
  EXPECT_EQ(catalog.Get("late")->title(), "two, longer");

  fs::remove(folder_ / "late.yaml");
  EXPECT_FALSE(catalog.Get("late").ok());
}

TEST_F(CatalogTest, LetsVariablesOfTheRunWin) {
  Write("v.yaml", Suite("v", "${WHO} ${HOW:-fine}"));
  Catalog catalog = Make();

  EXPECT_EQ(catalog.Get("v")->title(), "operator fine");
  EXPECT_EQ(catalog.Get("v", {{"WHO", "client"}})->title(), "client fine");
}

TEST_F(CatalogTest, NamesTheNearestSuite) {
  Catalog catalog("", {}, FunctionsOfTheDaemon());

  const absl::Status status = catalog.Get("quikstart").status();

  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(),
            "there is no suite \"quikstart\" (did you mean quickstart?)");
  EXPECT_EQ(catalog.Match("quikstart").status(), status);
}

TEST_F(CatalogTest, RefusesNoName) {
  Catalog catalog("", {}, FunctionsOfTheDaemon());

  const absl::Status status = catalog.Get("suites/").status();

  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(ViolationsOf(status).has_value());
  EXPECT_EQ(ViolationsOf(status)->field_violations(0).field(), "name");
}

TEST_F(CatalogTest, TellsOfBrokenFilesAndLeavesThemOut) {
  Write("bad.yaml", "suite: bad\ntests: 5\n");
  Write("worse.yaml", "suite: [\n");
  Catalog catalog = Make();

  const absl::Status bad = catalog.Get("bad").status();

  EXPECT_EQ(bad.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(bad.message()), HasSubstr("bad.yaml:2:8: tests"));
  const auto details = ViolationsOf(bad);
  ASSERT_TRUE(details.has_value());
  EXPECT_EQ(details->field_violations(0).field(), "tests");
  EXPECT_THAT(details->field_violations(0).description(),
              HasSubstr("bad.yaml:2:8: must be a map"));
  EXPECT_EQ(catalog.Get("worse").status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(catalog.Problems().size(), 2U);
  EXPECT_TRUE(catalog.List("bad").empty());
}

TEST_F(CatalogTest, RefusesTwoFilesOfOneSuite) {
  Write("a.yaml", Suite("same"));
  Write("b.yaml", Suite("same"));
  Catalog catalog = Make();

  EXPECT_THAT(std::string(catalog.Get("same").status().message()),
              HasSubstr("b.yaml: has the same suite same as "));
}

TEST_F(CatalogTest, TellsOfAFolderThatIsNotThere) {
  Catalog catalog((folder_ / "nowhere").string(), {}, {});

  EXPECT_THAT(ToText(catalog.Problems()), HasSubstr("cannot be read"));
  EXPECT_TRUE(catalog.Get("quickstart").ok());
}

TEST_F(CatalogTest, ThresholdsNameTestsStepsAndMetricsOfOtherSuites) {
  Catalog catalog = Make();

  EXPECT_EQ(ProblemOf(catalog, "quickstart/echo_round_trip.latency.p50 < 3s"),
            "");
  EXPECT_EQ(ProblemOf(catalog, "quickstart/echo_round_trip.latncy.p50 < 3s"),
            "s.yaml:6:15: tests.t.expect[0] unknown metric \"latncy\" (did you "
            "mean latency?)");
  EXPECT_EQ(
      ProblemOf(catalog, "9s > quickstart/echo_round_trip.nostep.latency.p50"),
      "s.yaml:6:20: tests.t.expect[0] test \"echo_round_trip\" has no step "
      "\"nostep\"");
  EXPECT_EQ(ProblemOf(catalog, "quickstart/echo_round_tripp.latency.p50 < 3s"),
            "s.yaml:6:15: tests.t.expect[0] suite \"quickstart\" has no test "
            "\"echo_round_tripp\" (did you mean echo_round_trip?)");
  EXPECT_EQ(ProblemOf(catalog, "quikstart/x.latency.p50 < 3s"),
            "s.yaml:6:15: tests.t.expect[0] there is no suite \"quikstart\" "
            "(did you mean quickstart?)");
}

TEST_F(CatalogTest, OneLineSaysThatANamedSuiteIsBroken) {
  Write("b.yaml", "suite: b\n");
  Catalog catalog = Make();

  EXPECT_EQ(ProblemOf(catalog, "b/t.latency.p50 < 3s"),
            "s.yaml:6:15: tests.t.expect[0] suite \"b\" is broken: " +
                (folder_ / "b.yaml").string() +
                ":1:1: tests must have at least one test");
}

TEST_F(CatalogTest, SuitesOfTheFolderMayNameEachOther) {
  Write("a.yaml", Expecting("a", "b/t.latency.p50 < 3s"));
  Write("b.yaml", Expecting("b", "a/t.latency.p50 < 3s"));
  Write("c.yaml", Expecting("c", "a/u.latency.p50 < 3s"));
  Catalog catalog = Make();

  EXPECT_TRUE(catalog.Get("a").ok());
  EXPECT_TRUE(catalog.Get("b", {{"X", "y"}}).ok());
  const std::string problem = (folder_ / "c.yaml").string() +
                              ":6:15: tests.t.expect[0] suite \"a\" has no "
                              "test \"u\"";
  EXPECT_THAT(ToText(catalog.Problems()), HasSubstr(problem));
  EXPECT_THAT(Names(catalog.List("c")), IsEmpty());
  EXPECT_THAT(std::string(catalog.Get("c").status().message()),
              HasSubstr(problem));
  EXPECT_THAT(std::string(catalog.Get("c", {{"X", "y"}}).status().message()),
              HasSubstr(problem));
}

TEST_F(CatalogTest, KnowsTheFunctionsOfTheDaemon) {
  Catalog catalog("", {}, {{"noop", nullptr}});
  v1::SuiteSource source;
  source.set_file_name("s.yaml");
  source.set_text(
      "suite: s\ntests:\n  t:\n    call: local:nop\n    load: {users: 1, "
      "iterations: 1}\n");

  EXPECT_EQ(ToText(ReadSuite(source, catalog.Alone()).problems),
            "s.yaml:4:11: tests.t.call this daemon has no function "
            "\"local:nop\" (did you mean noop?); it has noop");
}

TEST_F(CatalogTest, AsksTheFunctionsOfTheDaemonWhetherDataAreRight) {
  const CheckData check =
      [](std::string_view data) -> std::vector<FieldProblem> {
    return {{"keyz", "unknown key"},
            {"", "must be nothing, got " + std::string(data)}};
  };
  Catalog catalog("", {}, {{"cache.get", check}});
  v1::SuiteSource source;
  source.set_file_name("s.yaml");
  source.set_text(
      "suite: s\n"
      "tests:\n"
      "  t:\n"
      "    call: local:cache.get\n"
      "    data: {bytes: 1, keyz: 5}\n"
      "    load: {users: 1, iterations: 1}\n");

  EXPECT_EQ(ToText(ReadSuite(source, catalog.Alone()).problems),
            "s.yaml:5:11: tests.t.data[0] must be nothing, got "
            "{\"bytes\":1,\"keyz\":5}\n"
            "s.yaml:5:28: tests.t.data[0].keyz unknown key");
}

TEST_F(CatalogTest, ReadsTheFilesThatASuiteNames) {
  const auto naming = [](const std::string& file) {
    return Suite("rows") + "    data: {text: \"{{csv " + file + " id}}\"}\n";
  };
  Write("below/rows.yaml", naming("users.csv"));
  Catalog catalog = Make();
  EXPECT_THAT(catalog.Get("rows").status().message(),
              HasSubstr("{{csv users.csv}}: there is no such file"));

  Write("below/users.csv", "id\n1\n");
  EXPECT_TRUE(catalog.Get("rows").ok());
  EXPECT_EQ(catalog.Source("suites/rows").files().at("users.csv"), "id\n1\n");

  Write("below/users.csv", "name\nAda\n");
  EXPECT_THAT(catalog.Get("rows").status().message(),
              HasSubstr("users.csv:1:1: has no column \"id\""));

  // Beside the suite, or anywhere else in the folder; not outside of it.
  Write("users.csv", "id\n1\n");
  Write("below/rows.yaml", naming("../users.csv"));
  EXPECT_TRUE(catalog.Get("rows").ok());
  std::ofstream(folder_.string() + ".csv") << "id\n1\n";
  fs::create_symlink(folder_.string() + ".csv", folder_ / "below/link.csv");
  for (const std::string& outside :
       {"../../" + folder_.filename().string() + ".csv",
        folder_.string() + ".csv", std::string("link.csv")}) {
    Write("below/rows.yaml", naming(outside));
    EXPECT_THAT(catalog.Get("rows").status().message(),
                HasSubstr("there is no such file"))
        << outside;
  }
  fs::remove(folder_.string() + ".csv");
}

}  // namespace
}  // namespace perfrig::suites
