#include "server/resources/folded_stacks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace perfrig::resources {
namespace {

using ::testing::ElementsAre;

constexpr std::size_t kMany = 1'000'000;

TEST(FoldTest, TheMostFrequentStackComesFirst) {
  EXPECT_THAT(
      Fold({{{"main", "a"}, 2}, {{"main", "b"}, 7}, {{"main"}, 1}}, 10, kMany),
      ElementsAre("main;b 7", "main;a 2", "main 1"));
}

TEST(FoldTest, WhatIsTooManyIsSummedUp) {
  const StackCounts stacks = {{{"a"}, 5}, {{"b"}, 4}, {{"c"}, 3}, {{"d"}, 2}};

  EXPECT_THAT(Fold(stacks, 3, kMany), ElementsAre("a 5", "b 4", "other 5"));
  EXPECT_THAT(Fold(stacks, 4, kMany), ElementsAre("a 5", "b 4", "c 3", "d 2"));
}

TEST(FoldTest, WhatIsTooLongIsSummedUp) {
  const StackCounts stacks = {{{"a"}, 5}, {{"b"}, 4}, {{"c"}, 3}};

  EXPECT_THAT(Fold(stacks, 10, 6), ElementsAre("a 5", "b 4", "other 3"));
}

TEST(FoldTest, SeveralProfilesBecomeOne) {
  EXPECT_THAT(FoldAgain({"a;b 5", "a 1", "a;b 2", "a;operator new 4"}),
              ElementsAre("a;b 7", "a;operator new 4", "a 1"));
}

TEST(FoldTest, NothingGivesNothing) {
  EXPECT_THAT(Fold({}, 10, kMany), ElementsAre());
}

TEST(ShortFunctionTest, LeavesOutParametersAndTemplateArguments) {
  EXPECT_EQ(ShortFunction("main"), "main");
  EXPECT_EQ(ShortFunction("a::B<int, std::map<c, d> >::Run(int) const"),
            "a::B::Run");
  EXPECT_EQ(ShortFunction("a::(anonymous namespace)::Work(std::string)"),
            "a::{anonymous}::Work");
  EXPECT_EQ(ShortFunction("a::B::operator()(int)"), "a::B::operator()");
  EXPECT_EQ(ShortFunction("a::operator<<(std::ostream&, a::B)"),
            "a::operator<<");
}

TEST(ShortFunctionTest, SeparatesNoFramesAndHasAnEnd) {
  EXPECT_EQ(ShortFunction("a;b"), "a:b");
  EXPECT_EQ(ShortFunction(std::string(1'000, 'x')).size(), 120U);
}

}  // namespace
}  // namespace perfrig::resources
