#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "perfrig/target/v1/database.pb.h"
#include "perfrig/target/v1/echo.pb.h"
#include "perfrig/target/v1/object_store.pb.h"
#include "server/suites/call_program.h"

namespace perfrig::suites {
namespace {

using ::google::protobuf::MethodDescriptor;
using ::google::protobuf::TextFormat;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Pair;
using ::testing::SizeIs;
namespace target = ::perfrig::target::v1;

// By "Service.Method" of the mock targets.
const MethodDescriptor* Method(const std::string& name) {
  // Links the files of the targets.
  target::EchoRequest::descriptor();
  target::QueryRequest::descriptor();
  target::ObjectInfo::descriptor();
  return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
      absl::StrCat("perfrig.target.v1.", name));
}

v1::Call CallWith(std::string_view text) {
  v1::Call call;
  EXPECT_TRUE(TextFormat::ParseFromString(std::string(text), &call)) << text;
  return call;
}

v1::Call CallWithData(std::string_view json) {
  v1::Call call;
  call.add_data(std::string(json));
  return call;
}

absl::StatusOr<std::unique_ptr<CallProgram>> TryCompile(
    const v1::Call& call, const MethodDescriptor* method,
    const std::vector<std::string>& captures = {}) {
  v1::Test test;
  *test.add_calls() = call;
  std::vector<std::string> all = captures;
  for (const std::string& name : CaptureNames(test)) all.push_back(name);
  return CallProgram::Compile(call, method, ObserveNames(test), all,
                              {{"TOKEN", "secret\"7"}});
}

std::unique_ptr<CallProgram> Compiled(
    const v1::Call& call, const MethodDescriptor* method,
    const std::vector<std::string>& captures = {}) {
  auto program = TryCompile(call, method, captures);
  EXPECT_TRUE(program.ok()) << program.status();
  return *std::move(program);
}

// The only message of a call number `sequence`.
std::string Rendered(const CallProgram& program, std::uint64_t sequence = 0,
                     std::uint64_t seed = 1,
                     const std::vector<std::string>& captured = {}) {
  std::vector<std::string> messages = {"left over", "from before"};
  std::vector<std::pair<std::string, std::string>> metadata;
  const absl::Status status =
      program.Render({sequence, &seed, &captured}, messages, metadata);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(messages, SizeIs(1));
  return messages[0];
}

template <typename Message>
Message Decoded(const std::string& bytes) {
  Message message;
  EXPECT_TRUE(message.ParseFromString(bytes));
  return message;
}

target::EchoRequest Echo(std::string_view json, std::uint64_t sequence = 0,
                         std::uint64_t seed = 1) {
  const auto program = Compiled(CallWithData(json), Method("Echo.Call"));
  return Decoded<target::EchoRequest>(Rendered(*program, sequence, seed));
}

AnswerView Ok(const std::string& message) {
  AnswerView answer;
  answer.message = message;
  return answer;
}

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

std::vector<std::string> Problems(
    const v1::Call& call, const MethodDescriptor* method,
    const std::vector<std::string>& captures = {}) {
  std::vector<std::string> texts;
  for (const FieldProblem& problem : CheckCall(call, method, captures)) {
    texts.push_back(absl::StrCat(problem.field, ": ", problem.message));
  }
  return texts;
}

TEST(CallData, WithoutTemplatesAreConstant) {
  const auto program = Compiled(
      CallWithData(R"({"text": "hi", "responseBytes": 10, "gap_us": "7"})"),
      Method("Echo.Call"));

  EXPECT_TRUE(program->constant());
  const auto request = Decoded<target::EchoRequest>(Rendered(*program));
  EXPECT_EQ(request.text(), "hi");
  EXPECT_EQ(request.response_bytes(), 10);
  EXPECT_EQ(request.gap_us(), 7);
}

TEST(CallData, AreOneEmptyMessageByDefault) {
  const auto program = Compiled(v1::Call(), Method("Echo.Call"));

  EXPECT_TRUE(program->constant());
  EXPECT_EQ(Rendered(*program), "");
}

TEST(CallData, TakeTheSequenceNumber) {
  const auto program =
      Compiled(CallWithData(R"({"text": "t-{{seq}}", "repeat": "{{ seq }}"})"),
               Method("Echo.Call"));

  EXPECT_FALSE(program->constant());
  const auto request = Decoded<target::EchoRequest>(Rendered(*program, 41));
  EXPECT_EQ(request.text(), "t-41");
  EXPECT_EQ(request.repeat(), 41);
}

TEST(CallData, TakeTemplatesWithoutQuotes) {
  EXPECT_EQ(Echo(R"({"repeat": {{seq}}, "gap_us": 3})", 9).repeat(), 9);
}

TEST(CallData, AreTheSameForTheSameSeed) {
  const char* json =
      R"({"text": "{{uuid}} {{random 1 1000000}} {{text 100B}}",
          "payload": "{{bytes 50}}"})";

  EXPECT_EQ(Echo(json, 0, 7).SerializeAsString(),
            Echo(json, 0, 7).SerializeAsString());
  EXPECT_NE(Echo(json, 0, 7).SerializeAsString(),
            Echo(json, 0, 8).SerializeAsString());
}

TEST(CallData, ChangeFromCallToCall) {
  const auto program =
      Compiled(CallWithData(R"({"text": "{{uuid}}"})"), Method("Echo.Call"));
  std::uint64_t random = 1;
  std::vector<std::string> messages;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::set<std::string> seen;

  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(program->Render({0, &random}, messages, metadata).ok());
    seen.insert(messages[0]);
  }

  EXPECT_THAT(seen, SizeIs(100));
}

TEST(CallData, MakeUuids) {
  EXPECT_THAT(
      Echo(R"({"text": "{{uuid}}"})").text(),
      MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-"
                   "[0-9a-f]{12}"));
}

TEST(CallData, DrawRandomNumbersWithinTheirRange) {
  std::set<std::uint32_t> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    seen.insert(Echo(R"({"repeat": "{{random 3 5}}"})", 0, seed).repeat());
  }

  EXPECT_THAT(seen, ElementsAre(3, 4, 5));
}

TEST(CallData, FillBytesAndTextToTheirSize) {
  EXPECT_THAT(Echo(R"({"payload": "{{bytes 1KB}}"})").payload(), SizeIs(1000));
  EXPECT_THAT(Echo(R"({"payload": "{{text 1KiB}}"})").payload(), SizeIs(1024));
  EXPECT_THAT(Echo(R"({"text": "{{text 33}}"})").text(), SizeIs(33));
  // 50 bytes are 68 letters of base64 in a field of text.
  EXPECT_THAT(Echo(R"({"text": "{{bytes 50}}"})").text(), SizeIs(68));
}

TEST(CallData, ReadBytesAsBase64) {
  EXPECT_EQ(Echo(R"({"payload": "aGk="})").payload(), "hi");
}

TEST(CallData, TakeVariablesAndCapturedValues) {
  const auto program =
      Compiled(CallWithData(R"({"text": "{{env TOKEN}} {{id}}"})"),
               Method("Echo.Call"), {"other", "id"});

  const std::string bytes = Rendered(*program, 0, 1, {"x", "c\"7"});

  EXPECT_EQ(Decoded<target::EchoRequest>(bytes).text(), "secret\"7 c\"7");
}

TEST(CallData, FillNestedAndRepeatedFields) {
  const auto program = Compiled(CallWithData(
                                    R"({"statements": [
              {"query": {"key": "a"}},
              {"query": {"key": "k{{seq}}", "limit": "{{random 5 5}}"}},
              {"execute": {"delete": "d{{seq}}"}}]})"),
                                Method("Database.Batch"));

  const auto request = Decoded<target::BatchRequest>(Rendered(*program, 2));

  ASSERT_EQ(request.statements_size(), 3);
  EXPECT_EQ(request.statements(0).query().key(), "a");
  EXPECT_EQ(request.statements(1).query().key(), "k2");
  EXPECT_EQ(request.statements(1).query().limit(), 5);
  EXPECT_EQ(request.statements(2).execute().delete_(), "d2");
}

TEST(CallData, FillKeysAndValuesOfMaps) {
  const auto program = Compiled(CallWithData(R"({"put": {"key": "k", "columns":
                      {"c{{seq}}": "v{{env TOKEN}}", "d": "{{seq}}"}}})"),
                                Method("Database.Execute"));

  const auto request = Decoded<target::ExecuteRequest>(Rendered(*program, 4));

  EXPECT_THAT(request.put().columns(),
              ::testing::UnorderedElementsAre(Pair("c4", "vsecret\"7"),
                                              Pair("d", "4")));
}

TEST(CallData, KeepAll64Bits) {
  const auto program = Compiled(CallWithData(R"({"key": "k{{seq}}", "offset":
                               18446744073709551615,
                               "length":
                               {{random 9007199254740993 9007199254740993}}})"),
                                Method("ObjectStore.GetObject"));

  const auto request = Decoded<target::GetObjectRequest>(Rendered(*program, 1));

  EXPECT_EQ(request.offset(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(request.length(), 9007199254740993);
}

TEST(CallData, MakeAStreamOfMessages) {
  v1::Call call = CallWithData(R"({"header": {"key": "k{{seq}}"}})");
  call.add_data(R"({"chunk": "{{bytes 10}}"})");
  const auto program = Compiled(call, Method("ObjectStore.PutObject"));
  std::uint64_t random = 1;
  std::vector<std::string> messages;
  std::vector<std::pair<std::string, std::string>> metadata;

  ASSERT_TRUE(program->Render({3, &random}, messages, metadata).ok());

  ASSERT_THAT(messages, SizeIs(2));
  EXPECT_EQ(Decoded<target::PutObjectRequest>(messages[0]).header().key(),
            "k3");
  EXPECT_THAT(Decoded<target::PutObjectRequest>(messages[1]).chunk(),
              SizeIs(10));
}

TEST(CallData, StayJsonTextForLocalFunctions) {
  v1::Call call = CallWithData(R"({"n": {{seq}}, "t": "{{env TOKEN}}"})");
  call.set_method("local:hash");
  const auto program = Compiled(call, nullptr);

  EXPECT_EQ(Rendered(*program, 5), R"({"n": 5, "t": "secret\"7"})");
}

TEST(CallData, OfDynamicTypesAreTheSame) {
  google::protobuf::FileDescriptorProto file;
  target::EchoRequest::descriptor()->file()->CopyTo(&file);
  google::protobuf::DescriptorPool pool;
  const auto* built = pool.BuildFile(file);
  ASSERT_NE(built, nullptr);
  const MethodDescriptor* method = built->FindServiceByName("Echo")->method(0);
  v1::Call call = CallWithData(R"({"text": "t{{seq}}", "repeat": 2})");
  call.mutable_check()->add_conditions("response.index == 3");

  const auto program = Compiled(call, method);
  const auto request = Decoded<target::EchoRequest>(Rendered(*program, 6));
  target::EchoResponse response;
  response.set_index(3);
  const std::string bytes = response.SerializeAsString();
  std::vector<std::string> captured;

  EXPECT_EQ(request.text(), "t6");
  EXPECT_EQ(request.repeat(), 2);
  EXPECT_TRUE(program->Judge(Ok(bytes), captured).ok);
}

TEST(CallData, ThatOnlyFailWhenRenderedFailTheCall) {
  const auto program = Compiled(CallWithData(R"({"repeat": "{{id}}"})"),
                                Method("Echo.Call"), {"id"});
  std::uint64_t random = 1;
  std::vector<std::string> messages;
  std::vector<std::pair<std::string, std::string>> metadata;
  const std::vector<std::string> captured = {"many"};

  const absl::Status status =
      program->Render({0, &random, &captured}, messages, metadata);

  EXPECT_EQ(status.message(), "data[0].repeat must be uint32, got \"many\"");
}

TEST(CallData, RefuseCapturedBytesThatAreNoText) {
  const auto program = Compiled(CallWithData(R"({"text": "{{id}}"})"),
                                Method("Echo.Call"), {"id"});
  std::uint64_t random = 1;
  std::vector<std::string> messages;
  std::vector<std::pair<std::string, std::string>> metadata;
  const std::vector<std::string> captured = {"\xed\xa0\x80"};

  const absl::Status status =
      program->Render({0, &random, &captured}, messages, metadata);

  EXPECT_EQ(status.message(),
            R"(data[0].text must be a string, got "\xed\xa0\x80")");
}

TEST(CallMetadata, IsRendered) {
  const auto program =
      Compiled(CallWith(R"pb(
                 metadata { name: "a" value: "b" }
                 metadata { name: "seq" value: "n{{seq}}" }
                 metadata { name: "x-bin" value: "aGk=" }
                 metadata { name: "y-bin" value: "{{bytes 5}}" }
               )pb"),
               Method("Echo.Call"));
  std::uint64_t random = 1;
  std::vector<std::string> messages;
  std::vector<std::pair<std::string, std::string>> metadata(9);

  ASSERT_TRUE(program->Render({8, &random}, messages, metadata).ok());

  EXPECT_FALSE(program->constant());
  EXPECT_THAT(metadata,
              ElementsAre(Pair("a", "b"), Pair("seq", "n8"),
                          Pair("x-bin", "hi"), Pair("y-bin", SizeIs(5))));
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
      {"Echo.Call", R"({"text": "{{zipf 5 0.9}}"})",
       "unknown template \"zipf\"", ""},
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
