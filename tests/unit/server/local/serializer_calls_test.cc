#include "gmock/gmock.h"
#include "tests/unit/server/local/local_fixture.h"

namespace perfrig::local {
namespace {

using ::testing::HasSubstr;

class SerializerCallsTest : public LocalFixture {};

TEST_F(SerializerCallsTest, WriteAndReadAndTellTheSize) {
  for (const char* name : {"serialize", "deserialize"}) {
    EXPECT_EQ(Try(name, R"({"bytes":"10KB"})"), "OK");
    EXPECT_NEAR(told_["bytes"], 10'000, 2'500);
    EXPECT_EQ(Try(name, R"({"payload":"record","serializer":"flexbuffers"})"),
              "OK");
    EXPECT_EQ(Try(name, R"({"payload":"table","serializer":"columns"})"), "OK");
  }
  EXPECT_THAT(Try("serialize", R"({"serializer":"columns"})"),
              HasSubstr("INVALID_ARGUMENT"));
}

TEST_F(SerializerCallsTest, BothFormsOfATableGiveTheSameFigure) {
  for (const char* data : {R"({})", R"({"scan":true})", R"({"mapped":false})",
                           R"({"serializer":"columns"})",
                           R"({"serializer":"columns","scan":true})",
                           R"({"serializer":"columns","mapped":false})"}) {
    EXPECT_EQ(Try("table.read", data), "OK") << data;
    EXPECT_GT(told_["bytes"], 100'000) << data;
  }
  EXPECT_THAT(Try("table.read", R"({"serializer":"flexbuffers"})"),
              HasSubstr("INVALID_ARGUMENT"));
}

}  // namespace
}  // namespace perfrig::local
