#include "server/suites/check_call.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/server/suites/compile_call.h"

namespace perfrig::suites {
namespace {

using ::google::protobuf::MethodDescriptor;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Problems(
    const v1::Call& call, const MethodDescriptor* method,
    const std::vector<std::string>& captures = {}) {
  std::vector<std::string> texts;
  for (const FieldProblem& problem : CheckCall(call, method, captures)) {
    texts.push_back(absl::StrCat(problem.field, ": ", problem.message));
  }
  return texts;
}

TEST(CheckCall, AcceptsWhatFits) {
  EXPECT_THAT(
      Problems(CallWith(R"pb(
                 data: "{\"table\": \"t\", \"limit\": \"{{random 1 10}}\"}"
                 metadata { name: "a" value: "{{env ANY}} {{token}}" }
                 check {
                   status: "OK"
                   status: "NOT_FOUND"
                   conditions: "response.rows[0].key == \"a\""
                   conditions: "response.rows.size > 3"
                   conditions: "call.latency < 200ms"
                   conditions: "trailer.cost <= 5"
                 }
                 observe { name: "rows" path: "response.rows.size" }
                 capture { name: "key" path: "response.rows[0].key" }
               )pb"),
               Method("Database.Query"), {"token"}),
      IsEmpty());
}

TEST(CheckCall, SaysWhatIsWrongWithData) {
  struct Wrong {
    std::string method;
    std::string data;
    std::string problem;
    std::string near;
  };
  const Wrong cases[] = {
      {"Echo.Call", "{", "data[0]: column 2: JSON: expected a key", ""},
      {"Echo.Call", "{\"text\": \"\xff\"}", "data[0]: JSON: is not UTF-8", ""},
      {"Echo.Call", "[]", "data[0]: must be an object of", "EchoRequest"},
      {"Echo.Call", R"({"text": "a",})", "data[0]: column 14", ""},
      {"Echo.Call", R"({"text": "a", "text": "b"})", "stands here twice", ""},
      {"Echo.Call", R"({"txt": "a"})", "has no field \"txt\"", "text"},
      {"Echo.Call", R"({"text": 5})", "data[0].text: must be a string, got 5",
       ""},
      {"Echo.Call", R"({"text": {}})", "must be a string, got an object", ""},
      {"Echo.Call", R"({"repeat": -1})",
       "data[0].repeat: must be uint32, got \"-1\"", ""},
      {"Echo.Call", R"({"repeat": 4294967296})", "must be uint32", ""},
      {"Echo.Call", R"({"repeat": 1.5})", "must be uint32", ""},
      {"Echo.Call", R"({"payload": "?"})", "must be base64, got \"?\"", ""},
      {"Echo.Call", R"({"repeat": "t{{seq}}"})",
       "data[0].repeat: must be uint32, got \"t0\"", ""},
      {"Echo.Call", R"({"repeat": "{{random -5 5}}"})", "got \"-5\"", ""},
      {"Echo.Call", R"({"repeat": "{{random 5 99999999999}}"})",
       "got \"99999999999\"", ""},
      {"Echo.Call", R"({"text": "{{sequ}}"})",
       "data[0].text: unknown template \"sequ\"", "seq"},
      {"Echo.Call", R"({"text": "{{pareto 5 0.9}}"})",
       "unknown template \"pareto\"", ""},
      {"Echo.Call", R"({"text": "{{toke}}"})", "unknown template", "token"},
      {"Echo.Call", R"({"text": "{{seq 5}}"})", "takes no argument, got 5", ""},
      {"Echo.Call", R"({"text": "{{random 5}}"})", "two whole numbers", ""},
      {"Echo.Call", R"({"text": "{{random 5 3}}"})", "smaller number first",
       ""},
      {"Echo.Call", R"({"text": "{{text}}"})", "{{text}} needs a size", ""},
      {"Echo.Call", R"({"text": "{{text 10ms}}"})", "needs a size", ""},
      {"Echo.Call", R"({"text": "{{bytes 65MiB}}"})", "at most 64MiB", ""},
      {"Echo.Call", R"({"text": "{{env}}"})", "{{env}} needs a name", ""},
      {"Echo.Call", R"({"text": "{{}}"})", "names no template", ""},
      {"Echo.Call", R"({"text": "{{seq"})", "{{ is not closed by }}", ""},
      {"Database.Execute", R"({"put": {"columns": {"a": {{uuid}}}}})",
       "data[0]: once its templates are filled: ", ""},
      {"Database.Batch", R"({"statements": {}})",
       "data[0].statements: must be a list, got an object", ""},
      {"Database.Batch", R"({"statements": [{"query": {"kee": "a"}}]})",
       "data[0].statements[0].query.kee: ", "key"},
      {"Database.Execute", R"({"delete": "a", "put": {"key": "b"}})",
       "data[0]: ", ""},
  };
  for (const Wrong& c : cases) {
    EXPECT_THAT(Problems(CallWithData(c.data), Method(c.method), {"token"}),
                ElementsAre(AllOf(HasSubstr(c.problem), HasSubstr(c.near))))
        << c.data;
  }
}

TEST(CheckCall, SaysEverythingAtOnce) {
  EXPECT_THAT(
      Problems(
          CallWith(R"pb(
            data: "{\"txt\": 1, \"repeat\": \"x\"}"
            data: "{}"
            metadata { name: "a" value: "{{nope}}" }
            metadata { name: "b-bin" value: "?" }
            metadata { name: "c" value: "\n" }
            check { status: "NOTFOUND" conditions: "response.txt == \"a\"" }
            observe { name: "t" path: "response.text" }
            capture { name: "u" path: "response.nope" }
          )pb"),
          Method("Echo.Call")),
      ElementsAre(
          HasSubstr("data: perfrig.target.v1.Echo.Call takes one message"),
          HasSubstr("data[0].txt: "), HasSubstr("data[0].repeat: "),
          HasSubstr("metadata.a: unknown template"),
          HasSubstr("metadata.b-bin: must be base64"),
          HasSubstr("metadata.c: must be printable ASCII"),
          HasSubstr("check.conditions[0]: column 1"),
          HasSubstr("check.status[0]: unknown status \"NOTFOUND\""),
          HasSubstr("observe.t: must be a number or true or false"),
          HasSubstr("capture.u: perfrig.target.v1.EchoResponse has no field")));
}

TEST(CheckCall, SaysWhatIsWrongWithConditions) {
  struct Wrong {
    std::string condition;
    std::string problem;
    std::string near;
  };
  const Wrong cases[] = {
      {"", "column 1: expected a value", ""},
      {"response.rows.size", "column 19: expected a comparison", ""},
      {"response.rows.size > ", "column 22: expected a value", ""},
      {"1 > 2", "names no value", ""},
      {"respnse.rows.size > 1", "unknown value", "response"},
      {"response.row.size > 1", "has no field \"row\"", "rows"},
      {"response.rows > 1", "rows is a list: write rows[0] or rows.size", ""},
      {"response.rows.key == \"a\"", "rows is a list", ""},
      {"response.rows[x].key == \"a\"", "an index is written rows[0]", ""},
      {"response.rows[0] == 1", "name one of its fields: key, columns", ""},
      {"response.rows[0].columns == 1", "columns is a map", ""},
      {"response.rows[0].key.x == 1", "key is a string and has no field", ""},
      {"response.rows[0].key[1] == 1", "takes no index", ""},
      {"response.rows[0].key == 5", "response.rows[0].key is a text, got 5",
       ""},
      {"response.rows[0].key > \"a\"", "only compares by == and !=", ""},
      {"response.rows.size == \"a\"", "is a number, got \"a\"", ""},
      {"response.rows.size < 5ms", "is a number, got 5ms", ""},
      {"call.latency < 200", "column 16: call.latency is a time; write one",
       ""},
      {"call.latncy < 200ms", "unknown value \"call.latncy\"", "latency"},
      {"status == NOTFOUND", "status is never \"NOTFOUND\"", "NOT_FOUND"},
      {"status < OK", "only compares by == and !=", ""},
      {"status == OK OK", "column 14: expected the end", ""},
  };
  for (const Wrong& c : cases) {
    v1::Call call;
    call.mutable_check()->add_conditions(c.condition);

    EXPECT_THAT(Problems(call, Method("Database.Query")),
                ElementsAre(AllOf(HasSubstr("check.conditions[0]: column"),
                                  HasSubstr(c.problem), HasSubstr(c.near))))
        << c.condition;
  }
}

TEST(CheckCall, RefusesConditionsThatCouldNeverBeJudged) {
  EXPECT_THAT(Problems(CallWith(R"pb(check {
                                       status: "NOT_FOUND"
                                       conditions: "response.index == 1"
                                     })pb"),
                       Method("Echo.Call")),
              ElementsAre(HasSubstr("a response comes with status OK only")));
}

TEST(CheckCall, WithoutAMethodChecksTemplatesAndSyntaxOnly) {
  EXPECT_THAT(Problems(CallWith(R"pb(
                         data: "{\"any\": [\"{{seq}}\", {{seq}}]}"
                         check { conditions: "response.any.thing[3] > 1" }
                         observe { name: "o" path: "response.x" }
                       )pb"),
                       nullptr),
              IsEmpty());
  EXPECT_THAT(Problems(CallWith(R"pb(
                         data: "{\"any\": \"{{sec}}\"}"
                         check { conditions: "response.x >" }
                         observe { name: "o" path: "nope" }
                       )pb"),
                       nullptr),
              ElementsAre(HasSubstr("data[0].any: unknown template \"sec\""),
                          HasSubstr("check.conditions[0]: column 13"),
                          HasSubstr("observe.o: unknown value \"nope\"")));
}

TEST(CheckCall, RefusesResponseFieldsOfLocalFunctions) {
  EXPECT_THAT(Problems(CallWith(R"pb(
                         method: "local:hash"
                         check { conditions: "response.x == 1" }
                       )pb"),
                       nullptr),
              ElementsAre(HasSubstr("a local function's response has no")));
}

// What a local function is asked of the data, and says of what begins with 1.
std::vector<std::string> Asked(const v1::Call& call,
                               std::vector<FieldProblem>& problems) {
  std::vector<std::string> asked;
  const CheckData check = [&](std::string_view data) {
    asked.emplace_back(data);
    std::vector<FieldProblem> wrong;
    if (data.starts_with("{\"n\":1")) wrong.push_back({"n", "must not be 1"});
    return wrong;
  };
  problems = CheckCall(call, nullptr, {"id"}, nullptr, &check);
  return asked;
}

TEST(CheckCall, AsksALocalFunctionOfItsData) {
  const std::string method = R"pb(method: "local:hash")pb";
  std::vector<FieldProblem> problems;

  EXPECT_THAT(Asked(CallWith(method), problems), ElementsAre("{}"));
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_THAT(Asked(CallWith(method + R"pb(data: "{\"n\":{{random 2 12}}}")pb"),
                    problems),
              ElementsAre("{\"n\":2}", "{\"n\":12}"));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].field, "data[0].n");
  EXPECT_EQ(problems[0].message, "must not be 1");
}

TEST(CheckCall, LeavesLocalDataAloneThatAreNotKnownYet) {
  std::vector<FieldProblem> problems;

  EXPECT_THAT(Asked(CallWith(R"pb(method: "local:hash"
                                  data: "{\"n\":1, \"id\":\"{{id}}\"}")pb"),
                    problems),
              IsEmpty());
  EXPECT_THAT(problems, IsEmpty());
}

TEST(CheckCall, RefusesASecondMessageOfALocalCall) {
  EXPECT_THAT(Problems(CallWith(R"pb(
                         method: "local:hash" data: "{}" data: "{}"
                       )pb"),
                       nullptr),
              ElementsAre("data: local:hash takes one message, got 2"));
}

TEST(Compile, NamesAllProblems) {
  const auto program =
      TryCompile(CallWithData(R"({"txt": 1, "text": "{{env NOPE}}"})"),
                 Method("Echo.Call"));

  EXPECT_EQ(program.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(program.status().message()),
              AllOf(HasSubstr("has no field \"txt\""),
                    HasSubstr("; data[0].text: {{env NOPE}}: the variable NOPE "
                              "is not set")));
}

}  // namespace
}  // namespace perfrig::suites
