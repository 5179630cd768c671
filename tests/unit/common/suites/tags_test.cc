#include "common/suites/tags.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace perfrig {
namespace {

bool Picks(std::initializer_list<const char*> tags) {
  v1::Suite suite;
  suite.add_tags("shop");
  v1::Test test;
  test.add_tags("quick");
  const google::protobuf::RepeatedPtrField<std::string> wanted(tags.begin(),
                                                               tags.end());
  return HasTags(suite, test, wanted);
}

TEST(HasTagsTest, WantsAllOfThemOfTheTestOrItsSuite) {
  EXPECT_TRUE(Picks({}));
  EXPECT_TRUE(Picks({"shop"}));
  EXPECT_TRUE(Picks({"shop", "quick"}));
  EXPECT_FALSE(Picks({"shop", "slow"}));
}

TEST(HasTagsTest, WantsNoneOfThoseWithAnExclamationMark) {
  EXPECT_TRUE(Picks({"!slow"}));
  EXPECT_FALSE(Picks({"!quick"}));
  EXPECT_FALSE(Picks({"quick", "!shop"}));
}

}  // namespace
}  // namespace perfrig
