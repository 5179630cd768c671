#include "common/strings/glob.h"

#include <string>

#include "gtest/gtest.h"

namespace perfrig {
namespace {

TEST(GlobTest, StarsAndQuestionMarksMatch) {
  EXPECT_TRUE(MatchesGlob("", ""));
  EXPECT_TRUE(MatchesGlob("*", ""));
  EXPECT_TRUE(MatchesGlob("a*c", "abbc"));
  EXPECT_TRUE(MatchesGlob("a*b*c", "aXbYbZc"));
  EXPECT_TRUE(MatchesGlob("sparkle-?", "sparkle-1"));
  EXPECT_TRUE(MatchesGlob("**", "x"));
}

TEST(GlobTest, TheWholeTextMustMatch) {
  EXPECT_FALSE(MatchesGlob("", "a"));
  EXPECT_FALSE(MatchesGlob("a", "ab"));
  EXPECT_FALSE(MatchesGlob("a?", "a"));
  EXPECT_FALSE(MatchesGlob("a*c", "acb"));
  EXPECT_FALSE(MatchesGlob("*b", "abc"));
}

TEST(GlobTest, ManyStarsAreQuick) {
  std::string pattern;
  for (int i = 0; i < 1'000; ++i) pattern += "a*";

  EXPECT_FALSE(MatchesGlob(pattern + "b", std::string(5'000, 'a')));
}

}  // namespace
}  // namespace perfrig
