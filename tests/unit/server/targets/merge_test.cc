#include "server/targets/behavior/merge.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"

namespace perfrig::targets {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

v1::Behavior Parse(const std::string& text) {
  v1::Behavior behavior;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &behavior));
  return behavior;
}

TEST(PickedFieldsTest, WithoutAMaskThoseThatAreSet) {
  std::vector<FieldProblem> problems;

  const auto fields = PickedFields(
      Parse("capacity: 0 faults { rate: 0.1 drop: true }"), {}, problems);

  EXPECT_THAT(fields, ElementsAre("capacity", "faults"));
  EXPECT_THAT(problems, IsEmpty());
}

TEST(PickedFieldsTest, AStarPicksAll) {
  google::protobuf::FieldMask mask;
  mask.add_paths("*");
  std::vector<FieldProblem> problems;

  EXPECT_THAT(PickedFields({}, mask, problems), SizeIs(9));
}

TEST(PickedFieldsTest, NamesEveryPathThatIsNoField) {
  google::protobuf::FieldMask mask;
  mask.add_paths("dealy");
  mask.add_paths("delay");
  mask.add_paths("stall.every");
  std::vector<FieldProblem> problems;

  PickedFields({}, mask, problems);

  ASSERT_THAT(problems, SizeIs(2));
  EXPECT_EQ(problems[0].field, "update_mask");
  EXPECT_THAT(problems[0].message,
              HasSubstr("\"dealy\" (did you mean delay?)"));
  EXPECT_THAT(problems[1].message, HasSubstr("\"stall.every\""));
}

TEST(MergeBehaviorTest, TakesWhatIsPickedAndKeepsTheRest) {
  const v1::Behavior merged = MergeBehavior(
      Parse("capacity: 5 load_factor: 1 faults { rate: 1 drop: true }"),
      Parse("capacity: 20"),
      Parse("load_factor: 2 seed: 9 delay { fixed { seconds: 1 } }"),
      {"capacity", "faults", "load_factor", "delay"});

  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(
      merged,
      Parse("capacity: 20 load_factor: 2 delay { fixed { seconds: 1 } }")))
      << merged.DebugString();
}

}  // namespace
}  // namespace perfrig::targets
