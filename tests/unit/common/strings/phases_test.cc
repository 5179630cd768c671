#include "common/strings/phases.h"

#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace perfrig {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(ParsePhasesTest, ReadsNamesAndNanoseconds) {
  EXPECT_THAT(ParsePhases("queue=1200,work=20000000"),
              ElementsAre(Pair("queue", 1'200), Pair("work", 20'000'000)));
}

TEST(ParsePhasesTest, LeavesOutWhatItCannotRead) {
  EXPECT_THAT(ParsePhases(""), IsEmpty());
  EXPECT_THAT(ParsePhases(",,=5,a,b=,c=1x,d=-3,e=99999999999999999999,f=7,"),
              ElementsAre(Pair("f", 7)));
}

TEST(ParsePhasesTest, BoundsWhatAStrangerMaySend) {
  std::string text;
  for (int i = 0; i < 1'000; ++i) text += "p" + std::to_string(i) + "=1,";

  EXPECT_EQ(ParsePhases(text).size(), 32U);
}

TEST(FindPhaseTest, FindsWhatParsingFinds) {
  EXPECT_EQ(FindPhase("queue=1200,work=20000000", "work"), 20'000'000);
  EXPECT_EQ(FindPhase("work=1,work=2", "work"), 2);
  EXPECT_EQ(FindPhase("x,work=1x,work=-1", "work"), std::nullopt);
  EXPECT_EQ(FindPhase("", "work"), std::nullopt);
}

}  // namespace
}  // namespace perfrig
