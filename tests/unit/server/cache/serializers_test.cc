#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/cache/columns.h"
#include "server/cache/flexbuffers.h"
#include "server/cache/mapped_file.h"
#include "server/cache/messagepack.h"

namespace perfrig::cache {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;
using google::protobuf::util::MessageDifferencer;

using Encode = std::string (*)(const Struct&);
using Decode = absl::Status (*)(std::string_view, Struct&);

struct Format {
  const char* name;
  Encode encode;
  Decode decode;
};

Value RandomValue(std::mt19937_64& random, int depth);

Struct RandomDocument(std::mt19937_64& random, int depth) {
  Struct document;
  for (std::uint64_t i = random() % 6; i > 0; --i) {
    (*document.mutable_fields())[absl::StrCat("field", random() % 20)] =
        RandomValue(random, depth);
  }
  return document;
}

Value RandomValue(std::mt19937_64& random, int depth) {
  Value value;
  switch (random() % (depth > 0 ? 8 : 6)) {
    case 0:
      value.set_null_value(google::protobuf::NULL_VALUE);
      break;
    case 1:
      value.set_bool_value(random() % 2 == 0);
      break;
    case 2:
      value.set_number_value(static_cast<double>(random()) / 3);
      break;
    case 3:
      value.set_number_value(static_cast<double>(random() % 1'000) - 500);
      break;
    case 4:
    case 5:
      value.set_string_value(std::string(random() % 40, 'x'));
      break;
    case 6:
      *value.mutable_struct_value() = RandomDocument(random, depth - 1);
      break;
    default:
      value.mutable_list_value();
      for (std::uint64_t i = random() % 5; i > 0; --i) {
        *value.mutable_list_value()->add_values() =
            RandomValue(random, depth - 1);
      }
  }
  return value;
}

class DocumentFormatTest : public ::testing::TestWithParam<Format> {
 protected:
  static absl::StatusOr<Struct> Read(std::string_view bytes) {
    Struct document;
    const absl::Status status = GetParam().decode(bytes, document);
    if (!status.ok()) return status;
    return document;
  }
};

TEST_P(DocumentFormatTest, GivesBackWhatWasWritten) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 300; ++i) {
    const Struct document = RandomDocument(random, 4);

    const auto back = Read(GetParam().encode(document));

    ASSERT_TRUE(back.ok()) << back.status();
    ASSERT_TRUE(MessageDifferencer::Equals(document, *back))
        << document.DebugString() << back->DebugString();
  }
}

TEST_P(DocumentFormatTest, KeepsNumbersExactly) {
  for (const double number :
       {0.0, -0.0, 0.1, -1.0, 1e300, 9'007'199'254'740'993.0, 5e-324,
        std::numeric_limits<double>::infinity()}) {
    Struct document;
    (*document.mutable_fields())["n"].set_number_value(number);

    const auto back = Read(GetParam().encode(document));

    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(back->fields().at("n").number_value(), number);
  }
}

TEST_P(DocumentFormatTest, DamageGivesAnErrorOrAnotherDocumentButNoHarm) {
  std::mt19937_64 random(2);
  const std::string bytes = GetParam().encode(RandomDocument(random, 4));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    // Copied, so that a read beyond the end is seen.
    const std::vector<char> cut(
        bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    const auto back = Read({cut.data(), cut.size()});
    EXPECT_TRUE(back.ok() || absl::IsDataLoss(back.status()));
  }
  for (int i = 0; i < 20'000; ++i) {
    std::vector<char> changed(bytes.begin(), bytes.end());
    for (int j = 0; j < 3; ++j) {
      changed[random() % changed.size()] = static_cast<char>(random());
    }
    const auto back = Read({changed.data(), changed.size()});
    EXPECT_TRUE(back.ok() || absl::IsDataLoss(back.status()));
  }
}

TEST_P(DocumentFormatTest, IsNotDeeperThanItMayBe) {
  Struct document;
  Struct* inner = &document;
  for (int i = 0; i < 80; ++i) {
    inner = (*inner->mutable_fields())["a"].mutable_struct_value();
  }

  const auto back = Read(GetParam().encode(document));

  EXPECT_TRUE(absl::IsDataLoss(back.status()));
}

INSTANTIATE_TEST_SUITE_P(
    All, DocumentFormatTest,
    ::testing::Values(Format{"MessagePack", static_cast<Encode>(ToMessagePack),
                             ReadMessagePack},
                      Format{"FlexBuffers", ToFlexBuffer, ReadFlexBuffer}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(MessagePackTest, OneDocumentHasOneForm) {
  Struct forwards;
  Struct backwards;
  for (int i = 0; i < 20; ++i) {
    (*forwards.mutable_fields())[absl::StrCat(i)].set_number_value(i);
    (*backwards.mutable_fields())[absl::StrCat(19 - i)].set_number_value(19 -
                                                                         i);
  }

  EXPECT_EQ(ToMessagePack(forwards), ToMessagePack(backwards));
}

std::vector<Row> SomeRows(std::size_t count) {
  std::mt19937_64 random(3);
  std::vector<Row> rows(count);
  for (std::size_t i = 0; i < count; ++i) {
    rows[i] = {.id = static_cast<std::int64_t>(random()),
               .name = std::string(random() % 30, 'n'),
               .amount = static_cast<double>(random() % 100'000) / 100,
               .quantity = static_cast<std::int32_t>(random()),
               .active = random() % 2 == 0};
  }
  return rows;
}

TEST(RowsTest, MessagePackGivesBackWhatWasWritten) {
  for (const std::size_t count : {0, 1, 1'000}) {
    const std::vector<Row> rows = SomeRows(count);
    EXPECT_EQ(*RowsFromMessagePack(ToMessagePack(rows)), rows);
  }
}

TEST(RowsTest, ColumnsGiveBackWhatWasWritten) {
  for (const std::size_t count : {0, 1, 1'000}) {
    const std::vector<Row> rows = SomeRows(count);
    const std::string bytes = ToColumns(rows);

    const auto columns = Columns::Open(bytes);

    ASSERT_TRUE(columns.ok()) << columns.status();
    EXPECT_EQ(columns->ToRows(), rows);
  }
}

TEST(RowsTest, ColumnsAreReadFromAFile) {
  const std::vector<Row> rows = SomeRows(1'000);
  const std::string path = std::filesystem::path(::testing::TempDir()) /
                           absl::StrCat("columns", getpid());
  std::ofstream(path) << ToColumns(rows);

  const auto file = MappedFile::Open(path);
  ASSERT_TRUE(file.ok()) << file.status();
  const auto columns = Columns::Open(file->bytes());

  ASSERT_TRUE(columns.ok()) << columns.status();
  EXPECT_EQ(columns->ToRows(), rows);
  std::filesystem::remove(path);
  EXPECT_TRUE(absl::IsNotFound(MappedFile::Open(path).status()));
}

TEST(RowsTest, DamagedTablesDoNoHarm) {
  std::mt19937_64 random(4);
  const std::vector<Row> rows = SomeRows(20);
  for (const std::string& bytes : {ToMessagePack(rows), ToColumns(rows)}) {
    for (int i = 0; i < 20'000; ++i) {
      std::string changed = bytes;
      for (int j = 0; j < 3; ++j) {
        changed[random() % changed.size()] = static_cast<char>(random());
      }
      changed.resize(changed.size() - random() % 3);
      const std::vector<char> exact(changed.begin(), changed.end());
      const std::string_view view(exact.data(), exact.size());
      RowsFromMessagePack(view).IgnoreError();
      const auto columns = Columns::Open(view);
      EXPECT_TRUE(!columns.ok() || columns->ToRows().size() == columns->size());
    }
  }
}

TEST(RowsTest, AMessagePackOfSomethingElseIsNoTable) {
  for (const char* bytes :
       {"", "\x01", "\x91\x01", "\x91\x81\x01\x01", "\x91\x81\xa2id\xa1x",
        "\x91\x81\xa4name\x01", "\x91\x81\xa8quantity\xce\xff\xff\xff\xff",
        "\xdd\xff\xff\xff\xff", "\x90\x90"}) {
    EXPECT_TRUE(absl::IsDataLoss(RowsFromMessagePack(bytes).status()))
        << absl::CHexEscape(bytes);
  }
}

}  // namespace
}  // namespace perfrig::cache
