// Each test of the systems' own suites has become one of a shipped suite:
// tests/data/old_tests.tsv says which.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/suites/reader.h"
#include "server/suites/shipped.h"

namespace perfrig::suites {
namespace {

struct OldTest {
  std::string system;
  std::string name;
  // "suite/test", or "suite/*" for any of it.
  std::string now;
};

std::vector<OldTest> OldTests() {
  std::vector<OldTest> all;
  std::ifstream file(PERFRIG_OLD_TESTS);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::vector<std::string> fields = absl::StrSplit(line, '\t');
    EXPECT_EQ(fields.size(), 3U) << line;
    if (fields.size() == 3) all.push_back({fields[0], fields[1], fields[2]});
  }
  return all;
}

// What the daemon ships: "suite/test" and "suite/*", and the tags of suites.
struct Shipped {
  std::set<std::string> tests;
  std::set<std::string> tags;
};

Shipped ReadShipped() {
  Shipped shipped;
  for (const ShippedSuite& one : ShippedSuites()) {
    v1::SuiteSource source;
    source.set_text(std::string(one.text));
    const ReadResult read = ReadSuite(source);
    if (!read.suite) continue;
    const std::string suite = read.suite->name().substr(7);  // "suites/"
    shipped.tags.insert(read.suite->tags().begin(), read.suite->tags().end());
    shipped.tests.insert(suite + "/*");
    for (const v1::Test& test : read.suite->tests()) {
      shipped.tests.insert(absl::StrCat(suite, "/", test.name()));
    }
  }
  return shipped;
}

TEST(OldTestsTest, EachIsATestOfAShippedSuite) {
  const Shipped shipped = ReadShipped();
  const std::vector<OldTest> all = OldTests();
  ASSERT_FALSE(all.empty());

  for (const OldTest& old : all) {
    // Of a system, all of it or nothing.
    if (shipped.tags.count(old.system) == 0) continue;
    EXPECT_EQ(shipped.tests.count(old.now), 1U)
        << old.system << "'s \"" << old.name << "\" should be " << old.now;
  }
}

}  // namespace
}  // namespace perfrig::suites
