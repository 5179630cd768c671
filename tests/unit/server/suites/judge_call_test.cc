#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "tests/unit/server/suites/compile_call.h"

namespace perfrig::suites {
namespace {

using ::google::protobuf::TextFormat;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

std::string Row(std::string_view text) {
  target::QueryResponse response;
  EXPECT_TRUE(TextFormat::ParseFromString(std::string(text), &response));
  return response.SerializeAsString();
}

// Why an answer to Database.Query misses the condition; "" if it holds.
std::string Miss(const std::string& condition, const AnswerView& answer) {
  v1::Call call;
  call.mutable_check()->add_conditions(condition);
  const auto program = Compiled(call, Method("Database.Query"));
  std::vector<std::string> captured;
  const CallVerdict verdict = program->Judge(answer, captured);
  EXPECT_EQ(verdict.ok, verdict.reason.empty()) << condition;
  return verdict.reason;
}

TEST(Judge, ExpectsOkByDefault) {
  const auto program = Compiled(v1::Call(), Method("Echo.Call"));
  std::vector<std::string> captured;
  AnswerView answer;

  EXPECT_FALSE(program->wants_answer());
  EXPECT_FALSE(program->wants_message());
  EXPECT_TRUE(program->Judge(answer, captured).ok);
  answer.status = 14;
  EXPECT_FALSE(program->Judge(answer, captured).ok);
  EXPECT_EQ(program->Judge(answer, captured).reason, "");
  answer.status = 99;
  EXPECT_FALSE(program->Judge(answer, captured).ok);
}

// Whether an answer to Database.Query is good in the sense of `condition`.
bool IsGood(const std::string& condition, const AnswerView& answer) {
  const auto program = TryCompile({}, Method("Database.Query"), {}, condition);
  EXPECT_TRUE(program.ok()) << program.status();
  std::vector<std::string> captured;
  return program.ok() && (*program)->Judge(answer, captured).good;
}

TEST(Judge, ACallIsGoodIfItIsOkAndTheConditionHolds) {
  const std::string row = Row("rows { key: 'a' }");
  AnswerView answer = Ok(row);
  answer.latency = 150'000'000;
  answer.service = 90'000'000;

  EXPECT_TRUE(IsGood("latency < 200ms", answer));
  EXPECT_TRUE(IsGood("200ms > call.latency", answer));
  EXPECT_FALSE(IsGood("latency < 100ms", answer));
  EXPECT_TRUE(IsGood("service < 100ms", answer));
  EXPECT_TRUE(IsGood("response.rows.size == 1", answer));
  EXPECT_FALSE(IsGood("response.rows.size == 2", answer));
  answer.status = 14;
  EXPECT_FALSE(IsGood("latency < 200ms", answer));
}

TEST(Judge, WithoutAConditionNoCallIsGood) {
  EXPECT_FALSE(IsGood("", AnswerView()));
}

TEST(Judge, ExpectsTheStatusesOfTheCheck) {
  const auto program = Compiled(
      CallWith(R"pb(check { status: "NOT_FOUND" status: "ABORTED" })pb"),
      Method("Echo.Call"));
  std::vector<std::string> captured;
  AnswerView answer;

  EXPECT_EQ(program->Judge(answer, captured).reason,
            "status OK, expected NOT_FOUND or ABORTED");
  answer.status = 5;
  EXPECT_TRUE(program->Judge(answer, captured).ok);
}

TEST(Judge, LeavesTheStatusToAConditionThatNamesIt) {
  const auto program =
      Compiled(CallWith(R"pb(check { conditions: "status != UNAVAILABLE" })pb"),
               Method("Echo.Call"));
  std::vector<std::string> captured;
  AnswerView answer;

  EXPECT_FALSE(program->wants_answer());
  answer.status = 5;
  EXPECT_TRUE(program->Judge(answer, captured).ok);
  answer.status = 14;
  EXPECT_EQ(program->Judge(answer, captured).reason,
            "status != UNAVAILABLE: got UNAVAILABLE");
}

TEST(Judge, ComparesWhatTheResponseHolds) {
  const std::string row = Row(R"pb(rows {
                                     key: "a"
                                     columns { key: "n" value: "5" }
                                   }
                                   rows { key: "b" })pb");
  const AnswerView answer = Ok(row);

  for (const char* condition :
       {"response.rows[0].key == \"a\"", "response.rows[0].key == 'a'",
        "response.rows[0].key == a", "\"a\" == response.rows[0].key",
        "response.rows[1].key != \"a\"", "response.rows.size == 2",
        "response.rows.size > 1.5", "response.rows.size >= 2",
        "response.rows.size != -2", "response.rows[0].columns.n == \"5\"",
        "response.rows[0].columns.size == 1"}) {
    EXPECT_EQ(Miss(condition, answer), "") << condition;
  }
  EXPECT_EQ(Miss("response.rows[0].key == \"b\"", answer),
            "response.rows[0].key == \"b\": got \"a\"");
  EXPECT_EQ(Miss("response.rows.size < 2", answer),
            "response.rows.size < 2: got 2");
  EXPECT_EQ(Miss("response.rows[0].key == response.rows[1].key", answer),
            "response.rows[0].key == response.rows[1].key: got \"a\" and "
            "\"b\"");
}

TEST(Judge, MissesConditionsOnWhatIsNotThere) {
  const std::string row = Row("rows {}");

  EXPECT_EQ(Miss("response.rows[3].key != \"a\"", Ok(row)),
            "response.rows[3].key != \"a\": got nothing");
  EXPECT_EQ(Miss("response.rows[0].columns.x != \"a\"", Ok(row)),
            "response.rows[0].columns.x != \"a\": got nothing");
  EXPECT_EQ(Miss("trailer.x != 1", Ok(row)), "trailer.x != 1: got nothing");
}

TEST(Judge, ComparesTimesAndTrailers) {
  const std::vector<std::pair<std::string, std::string>> trailers = {
      {"cost", "12"}, {"hit", "true"}};
  AnswerView answer;
  answer.latency = 150'000'000;
  answer.service = 100'000'000;
  answer.trailers = &trailers;

  EXPECT_EQ(Miss("call.latency < 200ms", answer), "");
  EXPECT_EQ(Miss("call.service == 0.1s", answer), "");
  EXPECT_EQ(Miss("call.latency > call.service", answer), "");
  EXPECT_EQ(Miss("trailer.cost > 9", answer), "");
  EXPECT_EQ(Miss("trailer.cost == \"12\"", answer), "");
  EXPECT_EQ(Miss("trailer.hit == true", answer), "");
  EXPECT_EQ(Miss("call.latency < 150ms", answer),
            "call.latency < 150ms: got 0.15");
}

TEST(Judge, FailsAResponseThatCannotBeDecoded) {
  const std::string bytes = "\xff\xff\xff";

  EXPECT_EQ(Miss("response.rows.size >= 0", Ok(bytes)),
            "the response cannot be decoded: 3 bytes are no "
            "perfrig.target.v1.QueryResponse");
}

TEST(Judge, ObservesAndCaptures) {
  const auto program =
      Compiled(CallWith(R"pb(
                 observe { name: "rows" path: "response.rows.size" }
                 observe { name: "late" path: "call.latency" }
                 observe { name: "cost" path: "trailer.cost" }
                 observe { name: "none" path: "trailer.none" }
                 capture { name: "key" path: "response.rows[0].key" }
                 capture { name: "gone" path: "response.rows[9].key" }
               )pb"),
               Method("Database.Query"), {"earlier"});
  const std::string row = Row(R"pb(rows { key: "a" }
                                   rows {})pb");
  const std::vector<std::pair<std::string, std::string>> trailers = {
      {"cost", "12.5"}};
  AnswerView answer = Ok(row);
  answer.latency = 1'500'000'000;
  answer.trailers = &trailers;
  std::vector<std::string> captured = {"kept", "old", "old"};

  const CallVerdict verdict = program->Judge(answer, captured);

  EXPECT_TRUE(program->wants_message());
  EXPECT_TRUE(program->wants_answer());
  EXPECT_TRUE(verdict.ok);
  EXPECT_THAT(verdict.observed,
              ElementsAre(Pair(0, 2.0), Pair(1, 1.5), Pair(2, 12.5)));
  EXPECT_THAT(captured, ElementsAre("kept", "a", ""));
}

TEST(Judge, ObservesNothingWhereTheStatusIsWrong) {
  const auto program =
      Compiled(CallWith(R"pb(
                 observe { name: "late" path: "call.latency" }
                 capture { name: "key" path: "response.rows[0].key" }
               )pb"),
               Method("Database.Query"));
  AnswerView answer;
  answer.status = 14;
  std::vector<std::string> captured = {"old"};

  EXPECT_THAT(program->Judge(answer, captured).observed, IsEmpty());
  EXPECT_THAT(captured, ElementsAre(""));
}

TEST(Names, OfATestComeInOrderWithoutRepetition) {
  v1::Test test;
  ASSERT_TRUE(TextFormat::ParseFromString(
      R"pb(
        calls {
          observe { name: "b" }
          observe { name: "a" }
          capture { name: "t" }
        }
        calls {
          observe { name: "a" }
          observe { name: "c" }
          capture { name: "s" }
          capture { name: "t" }
        }
      )pb",
      &test));

  EXPECT_THAT(ObserveNames(test), ElementsAre("b", "a", "c"));
  EXPECT_THAT(CaptureNames(test), ElementsAre("t", "s"));
}

}  // namespace
}  // namespace perfrig::suites
