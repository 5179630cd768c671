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
  // "suite/test".
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

// What the daemon ships: "suite/test".
std::set<std::string> ReadShipped() {
  std::set<std::string> shipped;
  for (const ShippedSuite& one : ShippedSuites()) {
    v1::SuiteSource source;
    source.set_text(std::string(one.text));
    const ReadResult read = ReadSuite(source);
    if (!read.suite) continue;
    const std::string suite = read.suite->name().substr(7);  // "suites/"
    for (const v1::Test& test : read.suite->tests()) {
      shipped.insert(absl::StrCat(suite, "/", test.name()));
    }
  }
  return shipped;
}

TEST(OldTestsTest, EachIsATestOfAShippedSuite) {
  const std::set<std::string> shipped = ReadShipped();
  const std::vector<OldTest> all = OldTests();
  ASSERT_FALSE(all.empty());

  for (const OldTest& old : all) {
    EXPECT_EQ(shipped.count(old.now), 1U)
        << old.system << "'s \"" << old.name << "\" should be " << old.now;
  }
}

}  // namespace
}  // namespace perfrig::suites
