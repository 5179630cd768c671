#include "client/views/suite_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace perfrig {
namespace {

using ::testing::ElementsAre;

constexpr Style kStyle = {.color = false, .utf8 = true};

v1::ListSuitesResponse Sample() {
  v1::ListSuitesResponse list;
  v1::Suite& suite = *list.add_suites();
  suite.set_name("suites/checkout");
  suite.set_title("The way to the till");
  suite.add_tags("shop");
  suite.add_needs("redis");
  v1::Test& pay = *suite.add_tests();
  pay.set_name("pay");
  pay.set_doc("Pays for what\nlies in the cart. It takes long.");
  pay.mutable_load()->set_rate(5);
  pay.mutable_load()->mutable_duration()->set_seconds(10);
  v1::Test& look = *suite.add_tests();
  look.set_name("look");
  look.add_needs("redis");
  look.add_needs("s3");
  look.mutable_load()->set_users(5);
  look.mutable_load()->mutable_duration()->set_seconds(2);
  return list;
}

TEST(SuiteListTest, ListsOneRowASuite) {
  EXPECT_EQ(RenderSuiteList(Sample(), kStyle, 0),
            "suite     tests    time  needs     tags  title\n"
            "checkout      2  12.0 s  redis,s3  shop  The way to the till\n");
}

TEST(SuiteListTest, KeepsTheNameInANarrowList) {
  EXPECT_EQ(RenderSuiteList(Sample(), kStyle, 32),
            "suite     tests    time  title\n"
            "checkout      2  12.0 s  The wa…\n");
}

TEST(SuiteListTest, ListsOneRowATest) {
  EXPECT_EQ(RenderTestList(Sample(), kStyle, 0),
            "test             time  needs\n"
            "checkout/pay   10.0 s  redis     Pays for what lies in the cart.\n"
            "checkout/look  2.00 s  redis,s3\n");
}

TEST(SuiteListTest, NamesEachNeedOnce) {
  const v1::ListSuitesResponse list = Sample();

  EXPECT_THAT(NeedsOf(list.suites(0), list.suites(0).tests(1)),
              ElementsAre("redis", "s3"));
}

TEST(FirstSentenceTest, EndsWhereASentenceDoes) {
  EXPECT_EQ(FirstSentence("One. Two."), "One.");
  EXPECT_EQ(FirstSentence("Takes 0.5 s, e.g. here. Two."),
            "Takes 0.5 s, e.g. here.");
  EXPECT_EQ(FirstSentence("No stop"), "No stop");
  EXPECT_EQ(FirstSentence(""), "");
}

}  // namespace
}  // namespace perfrig
