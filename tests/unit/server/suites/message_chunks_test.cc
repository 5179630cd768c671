#include "server/suites/message_chunks.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "perfrig/target/v1/echo.pb.h"
#include "perfrig/target/v1/ingest.pb.h"
#include "tests/unit/server/suites/compile_call.h"

namespace perfrig::suites {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Cut(const std::string& message, int field,
                             std::size_t most) {
  std::vector<std::string> messages = {"before", message, "left over"};
  messages.resize(1 + CutIntoChunks(field, most, 1, messages));
  messages.erase(messages.begin());
  return messages;
}

TEST(MessageChunks, KnowsTheOneFieldOfBytes) {
  EXPECT_EQ(BytesFieldOf(*target::UploadRequest::descriptor())->name(),
            "chunk");
  EXPECT_EQ(BytesFieldOf(*target::EchoRequest::descriptor())->name(),
            "payload");
  EXPECT_EQ(BytesFieldOf(*target::UploadResponse::descriptor()), nullptr);
}

TEST(MessageChunks, HoldEverythingElseEach) {
  target::EchoRequest whole;
  whole.set_text("t");
  whole.set_payload("abcdefg");
  whole.set_repeat(4);
  const int field = target::EchoRequest::kPayloadFieldNumber;

  std::vector<std::string> payloads;
  for (const std::string& bytes : Cut(whole.SerializeAsString(), field, 3)) {
    target::EchoRequest part;
    ASSERT_TRUE(part.ParseFromString(bytes));
    EXPECT_EQ(part.text(), "t");
    EXPECT_EQ(part.repeat(), 4U);
    payloads.push_back(part.payload());
  }

  EXPECT_THAT(payloads, ElementsAre("abc", "def", "g"));
}

TEST(MessageChunks, AMessageThatFitsStaysWhole) {
  target::EchoRequest whole;
  whole.set_payload("abc");
  const std::string bytes = whole.SerializeAsString();
  const int field = target::EchoRequest::kPayloadFieldNumber;

  EXPECT_THAT(Cut(bytes, field, 3), ElementsAre(bytes));
  EXPECT_THAT(Cut("", field, 3), ElementsAre(""));
  whole.clear_payload();
  whole.set_text("nothing to cut");
  EXPECT_THAT(Cut(whole.SerializeAsString(), field, 3),
              ElementsAre(whole.SerializeAsString()));
}

TEST(MessageChunks, AreSentWithTheirDataAsOftenAsTheCallSays) {
  const auto program = Compiled(CallWith(R"pb(
                                  data: "{\"header\": {\"name\": \"{{uuid}}\"}}"
                                  data: "{\"chunk\": \"{{bytes 10}}\"}"
                                  messages { count: 2 chunk_bytes: 4 }
                                )pb"),
                                Method("Ingest.Upload"));
  std::vector<std::string> messages;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::uint64_t seed = 1;
  const std::vector<std::string> captured;
  ASSERT_TRUE(program->Render({0, &seed, &captured}, messages, metadata).ok());

  std::vector<std::size_t> sizes;
  std::vector<std::string> names;
  for (const std::string& bytes : messages) {
    target::UploadRequest part;
    ASSERT_TRUE(part.ParseFromString(bytes));
    sizes.push_back(part.chunk().size());
    if (part.has_header()) names.push_back(part.header().name());
  }
  EXPECT_THAT(sizes, ElementsAre(0, 4, 4, 2, 0, 4, 4, 2));
  ASSERT_EQ(names.size(), 2U);
  EXPECT_NE(names[0], names[1]);
}

TEST(MessageChunks, OfMoreThanACallMayHoldFailIt) {
  const auto program = Compiled(CallWith(R"pb(
                                  data: "{\"chunk\": \"{{bytes 4MiB}}\"}"
                                  messages { count: 100 }
                                )pb"),
                                Method("Ingest.Upload"));
  std::vector<std::string> messages;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::uint64_t seed = 1;
  const std::vector<std::string> captured;

  EXPECT_EQ(program->Render({0, &seed, &captured}, messages, metadata).code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace perfrig::suites
