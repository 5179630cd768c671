#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/local/cached_function.h"
#include "tests/unit/server/local/local_fixture.h"

namespace perfrig::local {
namespace {

using ::testing::HasSubstr;

class CachedCallsTest : public LocalFixture {};

TEST_F(CachedCallsTest, MissThenHitWithEveryPayloadSerializerAndPath) {
  for (const char* data :
       {R"({})", R"({"payload":"record"})", R"({"payload":"number"})",
        R"({"payload":"table","rows":100})",
        R"({"payload":"table","rows":100,"serializer":"columns"})",
        R"({"serializer":"flexbuffers"})", R"({"path":"direct"})",
        R"({"second_tier":"none"})", R"({"encrypt":true})",
        R"({"calls":"hit"})", R"({"calls":"miss"})",
        R"({"calls":"hit","path":"direct"})", R"({"phases":true})",
        R"({"first_tier_bytes":0,"found":"second_tier"})",
        R"({"first_tier_bytes":0,"found":"second_tier","encrypt":true})",
        R"({"first_tier_bytes":0,"found":"second_tier","calls":"hit"})",
        R"({"shared":true})"}) {
    EXPECT_EQ(Try("cache.call", data, 100), "OK") << data;
  }
}

TEST_F(CachedCallsTest, AHitThatIsNoneIsSeen) {
  const char* const computed =
      "FAILED_PRECONDITION: the result was computed, should have been found in "
      "the first tier";

  EXPECT_EQ(Try("cache.call", R"({"first_tier_bytes":0,"second_tier":"none"})"),
            computed);
  EXPECT_EQ(Try("cache.call", R"({"first_tier_bytes":0,"path":"direct"})"),
            computed);
  EXPECT_EQ(Try("cache.call", R"({"first_tier_bytes":0})"),
            "FAILED_PRECONDITION: the result was found in the second tier, "
            "should have been found in the first tier");
  EXPECT_EQ(Try("cache.call", R"({"found":"second_tier"})"),
            "FAILED_PRECONDITION: the result was found in the first tier, "
            "should have been found in the second tier");
}

TEST_F(CachedCallsTest, DataThatMakeNoSenseAreRefused) {
  EXPECT_THAT(Try("cache.call", R"({"serializer":"columns"})"),
              HasSubstr("data.serializer columns writes nothing but a table"));
  EXPECT_THAT(
      Try("cache.call", R"({"payload":"table","serializer":"flexbuffers"})"),
      HasSubstr("data.serializer flexbuffers writes no table"));
  EXPECT_THAT(Try("cache.call", R"({"encrpyt":true})"),
              HasSubstr("data.encrpyt unknown key (did you mean encrypt?)"));
  EXPECT_THAT(Try("cache.call", R"({"second_tier":"redis"})"),
              HasSubstr("FAILED_PRECONDITION: data.second_tier redis needs a "
                        "daemon that was started with --redis"));
}

TEST_F(CachedCallsTest, PhasesAddUpToTheWhole) {
  const auto call = Make("cache.call", R"({"phases":true})");
  ASSERT_TRUE(call.ok());
  drivers::LocalTrailers trailers;

  ASSERT_TRUE((*call)->Prepare().ok());
  ASSERT_TRUE((*call)->Run().ok());
  (*call)->Tell(kMillisecond, trailers);

  // A clock that stands still.
  ASSERT_EQ(trailers.headers().size(), 1U);
  EXPECT_EQ(trailers.headers()[0].name, "perfrig-phases");
  EXPECT_EQ(trailers.headers()[0].value,
            "key=0,serialization=0,first_tier=0,deserialization=0,"
            "machinery=1000000");
}

TEST_F(CachedCallsTest, LanesContendForOneCacheWhereItIsShared) {
  std::vector<std::thread> lanes;
  std::atomic<int> failed = 0;
  for (int lane = 0; lane < 4; ++lane) {
    lanes.emplace_back([&] {
      const auto call =
          Make("cache.call", R"({"shared":true,"payload":"record"})");
      for (int i = 0; i < 200; ++i) {
        if (!(*call)->Prepare().ok() || !(*call)->Run().ok()) ++failed;
      }
    });
  }
  for (std::thread& lane : lanes) lane.join();

  EXPECT_EQ(failed, 0);
}

TEST_F(CachedCallsTest, ASecondTierThatTakesAWhileIsWaitedFor) {
  SystemClock clock;
  SystemDelayQueue delays(clock);
  functions_ = MakeLocalFunctions({.clock = clock, .delays = delays});

  const Nanos began = clock.Now();
  EXPECT_EQ(Try("cache.call",
                R"({"calls":"hit","keys":1,"first_tier_bytes":0,
                    "found":"second_tier","second_tier_delay":"5ms"})",
                1),
            "OK");

  EXPECT_GE(clock.Now() - began, 5 * kMillisecond);
}

TEST(MakeKey, IsEqualForEqualArgumentsAlone) {
  EXPECT_EQ(MakeKey("f", MakeArguments(1)), MakeKey("f", MakeArguments(1)));
  EXPECT_NE(MakeKey("f", MakeArguments(1)), MakeKey("f", MakeArguments(2)));
  EXPECT_NE(MakeKey("f", MakeArguments(1)), MakeKey("g", MakeArguments(1)));
  EXPECT_EQ(MakeKey("f", MakeArguments(1)).size(), 2U + 64U);
}

TEST(Payloads, HaveTheSizesThatTheyAreAskedFor) {
  for (const std::size_t bytes : {1'000U, 10'000U, 100'000U}) {
    const std::string written =
        Serialize(Serializer::kMessagePack, MakeDocument(bytes));
    EXPECT_NEAR(static_cast<double>(written.size()), static_cast<double>(bytes),
                static_cast<double>(bytes) * 0.25);
  }
  EXPECT_EQ(MakeTable(10).size(), 10U);
}

}  // namespace
}  // namespace perfrig::local
