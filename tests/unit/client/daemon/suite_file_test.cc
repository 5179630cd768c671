#include "client/daemon/suite_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace perfrig {
namespace {

using ::testing::HasSubstr;

std::string Scratch(const std::string& name, const std::string& text) {
  std::string path = ::testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

std::string ReadError(const std::string& path) {
  return std::string(ReadSuite(path, {}).status().message());
}

TEST(MeansFileTest, GoesByNameOrByWhatIsThere) {
  const std::string path = Scratch("suite_file_test_plain", "x");

  EXPECT_TRUE(MeansFile("missing.yaml"));
  EXPECT_TRUE(MeansFile("missing.yml"));
  EXPECT_TRUE(MeansFile(path));
  EXPECT_FALSE(MeansFile("quickstart"));
  EXPECT_FALSE(MeansFile("sparkle-*"));
  EXPECT_FALSE(MeansFile(::testing::TempDir()));
  std::filesystem::remove(path);
}

TEST(ReadSuiteTest, SaysWhatIsWrongWithAFile) {
  const std::string large =
      Scratch("suite_file_test_large.yaml", std::string(1'000'001, ' '));
  const std::string binary =
      Scratch("suite_file_test_binary.yaml", "suite: s\ntitle: \xff\xfe");

  EXPECT_THAT(ReadError("missing.yaml"), HasSubstr("there is no such file"));
  EXPECT_THAT(ReadError(::testing::TempDir()), HasSubstr("is a folder"));
  EXPECT_THAT(ReadError(large),
              HasSubstr(":1:1: must be at most 1000000 bytes, got 1000001"));
  EXPECT_THAT(ReadError(binary), HasSubstr(":2:1: this line is not UTF-8"));
  std::filesystem::remove(large);
  std::filesystem::remove(binary);
}

TEST(ReadSuiteTest, BringsTheFilesThatTemplatesName) {
  namespace fs = std::filesystem;
  const fs::path folder =
      fs::path(::testing::TempDir()) / "suite_file_test_files";
  fs::create_directories(folder / "data");
  std::ofstream(folder / "data/users.csv") << "id\n1\n";
  const std::string suite = (folder / "s.yaml").string();
  std::ofstream(suite)
      << "a: \"{{csv data/users.csv id}}\"\n"
         "b: \"{{ csv  data/users.csv id }} {{csvx no.csv}}\"\n";

  const auto read = ReadSuite(suite, {});
  std::ofstream(suite, std::ios::app) << "c: \"{{csv none.csv id}}\"\n";

  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->files_size(), 1);
  EXPECT_EQ(read->files().at("data/users.csv"), "id\n1\n");
  EXPECT_THAT(ReadError(suite),
              HasSubstr("s.yaml:3:5: " + (folder / "none.csv").string() +
                        ": there is no such file"));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace perfrig
