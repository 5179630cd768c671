#include "server/targets/rows.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace perfrig::targets {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RowsTest : public ::testing::Test {
 protected:
  absl::StatusOr<Rows::Results> Apply(const std::string& text) {
    target::v1::BatchRequest batch;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &batch));
    return rows_.Apply(batch.statements(), /*seed=*/1, rows_.epoch());
  }
  void Put(const std::string& key) {
    EXPECT_TRUE(
        Apply("statements { execute { put { key: '" + key + "' } } }").ok());
  }
  // Whether a row was there.
  bool Delete(const std::string& key) {
    const auto results =
        Apply("statements { execute { delete: '" + key + "' } }");
    return (*results)[0].execute().rows_changed() == 1;
  }
  // Of the rows that the query finds.
  std::vector<std::string> Keys(const std::string& query) {
    const auto results = Apply("statements { query { " + query + " } }");
    std::vector<std::string> keys;
    for (const auto& row : (*results)[0].query().rows()) {
      keys.push_back(row.key());
    }
    return keys;
  }

  Rows rows_;
};

TEST_F(RowsTest, EveryKeyHasARowUntilItIsDeleted) {
  EXPECT_THAT(Keys("key: '00000007'"), ElementsAre("00000007"));
  EXPECT_THAT(Keys("key: 'anything'"), ElementsAre("anything"));

  EXPECT_TRUE(Delete("anything"));
  EXPECT_FALSE(Delete("anything"));

  EXPECT_THAT(Keys("key: 'anything'"), IsEmpty());
  Put("anything");
  EXPECT_THAT(Keys("key: 'anything'"), ElementsAre("anything"));
}

TEST_F(RowsTest, ARangeWalksSeededAndWrittenRowsInOrder) {
  Put("00000001a");
  Put("00000002");
  Put("a");

  EXPECT_THAT(Keys("limit: 4"),
              ElementsAre("00000000", "00000001", "00000001a", "00000002"));
  EXPECT_THAT(Keys("from: '00000001a' to: '00000003'"),
              ElementsAre("00000001a", "00000002"));
  EXPECT_THAT(Keys("from: '00999999'"), ElementsAre("00999999", "a"));
  EXPECT_THAT(Keys("from: 'b'"), IsEmpty());
}

TEST_F(RowsTest, ARangePassesWhatWasDeleted) {
  for (int i = 1; i < 9; ++i) Delete("0000000" + std::to_string(i));
  Put("00000004");
  Put("00000005a");
  Delete("00000005a");

  EXPECT_THAT(Keys("limit: 3"),
              ElementsAre("00000000", "00000004", "00000009"));
  EXPECT_THAT(Keys("from: '00000002' limit: 2"),
              ElementsAre("00000004", "00000009"));
  EXPECT_THAT(Keys("from: '00000005' to: '00000009'"), IsEmpty());
  Put("00000001");
  Put("00000008");
  EXPECT_THAT(Keys("limit: 5"), ElementsAre("00000000", "00000001", "00000004",
                                            "00000008", "00000009"));
}

TEST_F(RowsTest, ARangeEndsAtTheLastSeededRowThatIsLeft) {
  Delete("00999998");
  Delete("00999999");

  EXPECT_THAT(Keys("from: '00999997'"), ElementsAre("00999997"));
  Put("00999999");
  EXPECT_THAT(Keys("from: '00999997'"), ElementsAre("00999997", "00999999"));
}

TEST_F(RowsTest, WhatDoesNotFitChangesNothing) {
  std::string deletes;
  for (std::size_t i = 0; i <= Rows::kMostRows; ++i) {
    deletes += "statements { execute { delete: '" + std::to_string(i) + "' } }";
  }
  Delete("00000000");

  EXPECT_TRUE(absl::IsResourceExhausted(Apply(deletes).status()));

  EXPECT_EQ(rows_.written().rows, 1);
  EXPECT_THAT(Keys("key: '17'"), ElementsAre("17"));
  EXPECT_THAT(Keys("limit: 1"), ElementsAre("00000001"));
  rows_.Clear();
  EXPECT_EQ(rows_.written().rows, 0);
  EXPECT_EQ(rows_.written().bytes, 0);
  EXPECT_THAT(Keys("limit: 1"), ElementsAre("00000000"));
}

}  // namespace
}  // namespace perfrig::targets
