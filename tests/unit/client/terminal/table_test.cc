#include "client/terminal/table.h"

#include <gtest/gtest.h>

namespace perfrig {
namespace {

Table Sample() {
  Table table({{"test"}, {"calls", Table::kRight}});
  table.AddRow({"echo", "12"});
  table.AddRow({"a_test_with_a_long_name", "1,234"});
  return table;
}

TEST(TableTest, LinesUpItsColumns) {
  EXPECT_EQ(Sample().Render({}, 2, 0),
            "  test                     calls\n"
            "  echo                        12\n"
            "  a_test_with_a_long_name  1,234\n");
}

TEST(TableTest, ShortensTheFirstColumnWhereItIsTooWide) {
  EXPECT_EQ(Sample().Render({}, 0, 20),
            "test           calls\n"
            "echo              12\n"
            "a_test_with_~  1,234\n");
}

TEST(TableTest, CutsLinesWhereNothingElseHelps) {
  EXPECT_EQ(Sample().Render({}, 0, 10),
            "test     ~\n"
            "echo     ~\n"
            "a_test_wi~\n");
}

TEST(TableTest, LeavesOutAHeaderWithoutTitles) {
  Table table({{""}, {""}});
  table.AddRow({"a", "b"});

  EXPECT_EQ(table.Render({}, 0, 0), "a  b\n");
}

TEST(TableTest, CountsPaintedCellsByWhatIsSeen) {
  Table table({{""}, {""}});
  table.AddRow({Paint({.color = true}, Color::kBad, "x"), "1"});
  table.AddRow({"xyz", "2"});

  EXPECT_EQ(table.Width(), 6);
}

}  // namespace
}  // namespace perfrig
