#include "server/suites/catalog.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "common/status/details.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/suites/reader.h"

namespace perfrig::suites {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

// One test in one suite, of this title.
std::string Suite(std::string_view name, std::string_view title = "") {
  return "suite: " + std::string(name) + "\ntitle: \"" + std::string(title) +
         "\"\ntests:\n  t:\n    call: perfrig.target.v1.Echo/Call\n    load: "
         "{users: 1, iterations: 1}\n";
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

  Catalog Make() const { return {folder_.string(), {{"WHO", "operator"}}}; }

  const fs::path folder_;
};

std::vector<std::string> Names(const std::vector<v1::Suite>& suites) {
  std::vector<std::string> names;
  for (const v1::Suite& suite : suites) names.push_back(suite.name());
  return names;
}

TEST_F(CatalogTest, HasTheShippedSuites) {
  Catalog catalog("", {});

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
  Catalog catalog("", {});

  const absl::Status status = catalog.Get("quikstart").status();

  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(),
            "there is no suite \"quikstart\" (did you mean quickstart?)");
  EXPECT_EQ(catalog.Match("quikstart").status(), status);
}

TEST_F(CatalogTest, RefusesNoName) {
  Catalog catalog("", {});

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
  Catalog catalog((folder_ / "nowhere").string(), {});

  EXPECT_THAT(ToText(catalog.Problems()), HasSubstr("cannot be read"));
  EXPECT_TRUE(catalog.Get("quickstart").ok());
}

}  // namespace
}  // namespace perfrig::suites
