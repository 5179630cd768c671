#include "server/drivers/grpc/framing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "server/drivers/grpc/gzip.h"
#include "server/drivers/grpc/request_body.h"

namespace perfrig::drivers {
namespace {

using Result = MessageReader::Result;

std::string Framed(std::string_view message) {
  const auto prefix =
      MakePrefix(static_cast<std::uint32_t>(message.size()), false);
  return std::string(prefix.data(), prefix.size()).append(message);
}

// Feeds `bytes` in pieces and gathers the messages.
std::vector<std::string> ReadInPieces(MessageReader& reader,
                                      std::string_view bytes,
                                      std::size_t piece) {
  std::vector<std::string> messages;
  while (!bytes.empty()) {
    std::string_view part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    while (reader.Read(part) == Result::kMessage) {
      messages.emplace_back(reader.message());
    }
  }
  return messages;
}

TEST(MessageReader, FindsMessagesHoweverTheBytesAreCut) {
  const std::vector<std::string> messages = {"first", "", std::string(300, 'x'),
                                             "last"};
  std::string bytes;
  for (const std::string& message : messages) bytes += Framed(message);

  for (const std::size_t piece : {1U, 2U, 4U, 5U, 6U, 7U, 64U, 10'000U}) {
    MessageReader reader;
    reader.Reset(true, 1000);
    EXPECT_EQ(ReadInPieces(reader, bytes, piece), messages) << piece;
    EXPECT_FALSE(reader.inside());
  }
}

TEST(MessageReader, CountsWithoutKeeping) {
  MessageReader reader;
  reader.Reset(false, 1000);

  EXPECT_EQ(ReadInPieces(reader, Framed("first") + Framed("second"), 3),
            (std::vector<std::string>{"", ""}));
}

TEST(MessageReader, KnowsThatAMessageIsNotWhole) {
  MessageReader reader;
  reader.Reset(true, 1000);
  std::string_view bytes("\0\0\0\0\5abc", 8);

  EXPECT_EQ(reader.Read(bytes), Result::kNeedsMore);
  EXPECT_TRUE(reader.inside());
}

TEST(MessageReader, RefusesWhatIsTooLongBeforeItComes) {
  MessageReader reader;
  reader.Reset(true, 1000);
  std::string_view bytes("\0\0\0\3\xe9", 5);

  EXPECT_EQ(reader.Read(bytes), Result::kTooLong);
  EXPECT_EQ(reader.length(), 1001U);
}

TEST(MessageReader, RefusesFlagsThatGrpcDoesNotKnow) {
  MessageReader reader;
  reader.Reset(true, 1000);
  std::string_view bytes("\2\0\0\0\0", 5);

  EXPECT_EQ(reader.Read(bytes), Result::kBadFlag);
}

TEST(RequestBody, IsTheMessagesBehindTheirLengths) {
  const std::vector<std::string> messages = {"first", "", "second"};
  const std::string whole = Framed("first") + Framed("") + Framed("second");

  for (const std::size_t piece : {1U, 3U, 5U, 100U}) {
    RequestBody body;
    body.Begin(messages, false, {});
    std::string read;
    std::vector<std::uint8_t> buffer(piece);
    while (!body.finished()) {
      const std::size_t size = body.Read(buffer, 0);
      read.append(buffer.begin(),
                  buffer.begin() + static_cast<std::ptrdiff_t>(size));
    }
    EXPECT_EQ(read, whole);
    EXPECT_EQ(body.messages_read(), 3U);
    EXPECT_EQ(body.bytes_read(), whole.size());
  }
}

TEST(RequestBody, GivesEachMessageAtItsTime) {
  const std::vector<std::string> messages = {"ab", "cd"};
  RequestBody body;
  std::vector<std::uint8_t> buffer(100);
  body.Begin(messages, false,
             {.first = kNever, .interval = 10, .stays_open = true});
  EXPECT_EQ(body.Read(buffer, 1'000), 0U);
  EXPECT_EQ(body.next_due(), kNever);

  body.set_first(50);
  EXPECT_EQ(body.Read(buffer, 49), 0U);
  EXPECT_EQ(body.next_due(), 50);
  EXPECT_EQ(body.Read(buffer, 59), 7U);
  EXPECT_EQ(body.next_due(), 60);
  EXPECT_EQ(body.Read(buffer, 60), 7U);
  EXPECT_EQ(body.next_due(), kNever);
  EXPECT_FALSE(body.finished());

  body.End();
  EXPECT_TRUE(body.finished());
}

TEST(Gzip, IsReadAsItWasWritten) {
  for (const std::size_t size : {0U, 1U, 1000U, 3'000'000U}) {
    const std::string bytes(size, 'x');
    std::string packed;
    std::string unpacked;

    Gzip(bytes, packed);

    ASSERT_TRUE(Gunzip(packed, 4'000'000, unpacked).ok());
    EXPECT_EQ(unpacked, bytes);
  }
}

TEST(Gunzip, StopsAtTheLimit) {
  std::string packed;
  std::string unpacked;
  Gzip(std::string(1'000'000, 'x'), packed);

  EXPECT_TRUE(Gunzip(packed, 1'000'000, unpacked).ok());
  EXPECT_EQ(Gunzip(packed, 999'999, unpacked).code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_LE(unpacked.size(), 1'000'000U);
}

TEST(Gunzip, RefusesWhatIsBroken) {
  std::string packed;
  std::string unpacked;
  Gzip("some text", packed);

  for (const std::string& bytes :
       {std::string("no gzip"), std::string(),
        packed.substr(0, packed.size() - 1), packed + "x"}) {
    EXPECT_EQ(Gunzip(bytes, 1000, unpacked).code(),
              absl::StatusCode::kInternal);
  }
}

}  // namespace
}  // namespace perfrig::drivers
