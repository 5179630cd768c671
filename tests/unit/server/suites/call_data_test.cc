#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"
#include "server/suites/call_program.h"
#include "tests/unit/server/suites/compile_call.h"

namespace perfrig::suites {
namespace {

using ::google::protobuf::MethodDescriptor;
using ::testing::ElementsAre;
using ::testing::MatchesRegex;
using ::testing::Pair;
using ::testing::SizeIs;

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

}  // namespace
}  // namespace perfrig::suites
