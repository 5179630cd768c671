#include "server/local/request_calls.h"

#include "gmock/gmock.h"
#include "tests/unit/server/local/local_fixture.h"

namespace perfrig::local {
namespace {

using ::testing::HasSubstr;

class RequestCallsTest : public LocalFixture {};

TEST_F(RequestCallsTest, RunWithoutDataAndRefuseAny) {
  for (const char* name :
       {"key.make", "wrapper.create", "context.get", "url.encode"}) {
    EXPECT_EQ(Try(name, ""), "OK") << name;
    EXPECT_EQ(Try(name, "{}"), "OK") << name;
    EXPECT_THAT(Try(name, R"({"keys":1})"),
                HasSubstr("data.keys unknown key; there are none"));
  }
}

TEST(UrlEncode, LeavesOnlyWhatNeedsNoEncoding) {
  EXPECT_EQ(UrlEncode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(UrlEncode("a/b c?d=\xC3\xA5"), "a%2Fb%20c%3Fd%3D%C3%A5");
  EXPECT_EQ(UrlEncode(""), "");
}

TEST_F(RequestCallsTest, SpinTakesItsTime) {
  EXPECT_EQ(Try("noop", ""), "OK");
  EXPECT_EQ(Try("spin", R"({"microseconds":0})"), "OK");
  EXPECT_THAT(Try("spin", R"({"microseconds":-1})"),
              HasSubstr("data.microseconds must be 0 to 10,000,000, got -1"));
}

}  // namespace
}  // namespace perfrig::local
