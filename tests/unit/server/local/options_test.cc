#include "server/local/options.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace perfrig::local {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Options, GiveWhatTheDataSayAndElseWhatHoldsWithoutThem) {
  Options options(
      R"({"bytes":"10KB","rows":7,"delay":"2ms","on":true,"kind":"b"})");

  EXPECT_EQ(options.Size("bytes", {.min = 0, .max = 1e6}, 1), 10'000U);
  EXPECT_EQ(options.Count("rows", {.min = 1, .max = 10}, 1), 7U);
  EXPECT_EQ(options.Time("delay", 0), 2 * kMillisecond);
  EXPECT_TRUE(options.Flag("on", false));
  EXPECT_EQ(options.Choice("kind", {"a", "b"}, "a"), "b");
  EXPECT_EQ(options.Size("other", {.min = 0, .max = 1e6}, 5), 5U);
  EXPECT_EQ(options.Number("number", {.min = 0, .max = 1}, 0.5), 0.5);
  EXPECT_TRUE(options.Finish().ok()) << options.Finish();
}

TEST(Options, NameEverythingThatIsWrong) {
  Options options(
      R"({"bytes":"many","rows":0.5,"delay":"2","on":1,"kind":"d","rws":1})");

  options.Size("bytes", {.min = 0, .max = 1e6}, 1);
  options.Count("rows", {.min = 0, .max = 10}, 1);
  options.Time("delay", 0);
  options.Flag("on", false);
  options.Choice("kind", {"a", "b"}, "a");

  EXPECT_EQ(options.Finish().message(),
            "data.bytes must be a size such as 10KB, got \"many\"; "
            "data.delay must be a time such as 2ms, got \"2\"; "
            "data.kind must be one of a, b, got \"d\"; "
            "data.on must be true or false, got 1; "
            "data.rows must be a whole number, got 0.5; "
            "data.rws unknown key (did you mean rows?); there are bytes, rows, "
            "delay, on, kind");
}

TEST(Options, RefuseWhatIsOutOfRange) {
  Options options(R"({"rows":11,"bytes":"2MB","delay":"2m"})");

  EXPECT_EQ(options.Count("rows", {.min = 1, .max = 10}, 3), 3U);
  options.Size("bytes", {.min = 0, .max = 1e6}, 1);
  options.Time("delay", 0);

  const std::string problems(options.Finish().message());
  EXPECT_THAT(problems, HasSubstr("data.rows must be 1 to 10, got 11"));
  EXPECT_THAT(problems, HasSubstr("data.bytes must be 0 to 1,000,000"));
  EXPECT_THAT(problems, HasSubstr("data.delay must be 0 to 1m, got \"2m\""));
}

TEST(Options, AreAMapOrNothing) {
  EXPECT_TRUE(Options("").Finish().ok());
  EXPECT_TRUE(Options("{}").Finish().ok());
  for (const char* text : {"[1]", "\"a\"", "{", "1"}) {
    const absl::Status status = Options(text).Finish();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << text;
    EXPECT_THAT(std::string(status.message()),
                StartsWith("data must be a map: "))
        << text;
  }
}

TEST(Options, TellWhatIsWrongByName) {
  Options options(R"({"rows":11,"rws":1})");

  options.Count("rows", {.min = 1, .max = 10}, 3);
  options.Refuse("kind", "must go with rows");

  const std::vector<FieldProblem> problems = options.Problems();
  ASSERT_EQ(problems.size(), 3U);
  EXPECT_EQ(problems[0].field, "kind");
  EXPECT_EQ(problems[1].field, "rows");
  EXPECT_EQ(problems[1].message, "must be 1 to 10, got 11");
  EXPECT_EQ(problems[2].field, "rws");
}

}  // namespace
}  // namespace perfrig::local
