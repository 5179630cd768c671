#include "gmock/gmock.h"
#include "tests/unit/server/local/local_fixture.h"

namespace perfrig::local {
namespace {

using ::testing::HasSubstr;

class LookupsTest : public LocalFixture {};

TEST_F(LookupsTest, FindWhatIsThereAndMissWhatIsNot) {
  EXPECT_EQ(Try("cache.get", R"({"keys":16})", 100), "OK");
  EXPECT_EQ(Try("cache.miss", R"({"keys":16})", 100), "OK");
  EXPECT_EQ(Try("cache.put", R"({"keys":16})", 100), "OK");
}

TEST_F(LookupsTest, ATierThatHoldsNothingIsSeen) {
  EXPECT_THAT(Try("cache.get", R"({"keys":16,"first_tier_bytes":0})"),
              HasSubstr("the first tier does not hold the key"));
  EXPECT_THAT(Try("cache.get", R"({"keys":400,"first_tier_bytes":"2MB"})", 400),
              HasSubstr("the first tier does not hold the key"));
}

TEST_F(LookupsTest, OneTierIsSharedWhereTheDataSaySo) {
  // The puts of equal data go into the same tier, from which each one pushes
  // another key.
  const std::string data =
      R"({"keys":100,"first_tier_bytes":"100KB","bytes":6000,"shared":true})";
  const std::string own =
      R"({"keys":100,"first_tier_bytes":"100KB","bytes":6000})";

  for (const std::string& each : {data, own}) {
    const auto first = Make("cache.put", each);
    const auto second = Make("cache.get", each);
    ASSERT_TRUE(first.ok() && second.ok());
    int found = 0;
    for (int i = 0; i < 100; ++i) {
      ASSERT_TRUE(RunOnce(**first).ok());
      // The same key, since both go through them in the same order.
      if (RunOnce(**second).ok()) ++found;
    }
    EXPECT_EQ(found == 100, each == data);
  }
}

}  // namespace
}  // namespace perfrig::local
