#include "client/terminal/table.h"

#include <gtest/gtest.h>

namespace perfrig {
namespace {

Table Sample() {
  Table table({{.title = "test", .narrowest = 12},
               {"calls", Table::kRight},
               {"max", Table::kRight, /*drop=*/1},
               {"p95", Table::kRight, /*drop=*/2}});
  table.AddRow({"echo", "12", "9", "5"});
  table.AddRow({"a_test_with_a_long_name_of_reads", "1,234", "9", "5"});
  table.AddRow({"a_test_with_a_long_name_of_writes", "1,234", "9", "5"});
  return table;
}

TEST(TableTest, LinesUpItsColumns) {
  EXPECT_EQ(Sample().Render({}, 2, 0),
            "  test                               calls  max  p95\n"
            "  echo                                  12    9    5\n"
            "  a_test_with_a_long_name_of_reads   1,234    9    5\n"
            "  a_test_with_a_long_name_of_writes  1,234    9    5\n");
}

TEST(TableTest, LeavesOutWhatIsWorthLeastWhereItIsTooWide) {
  EXPECT_EQ(Sample().Render({}, 0, 46),
            "test                               calls  p95\n"
            "echo                                  12    5\n"
            "a_test_with_a_long_name_of_reads   1,234    5\n"
            "a_test_with_a_long_name_of_writes  1,234    5\n");
}

TEST(TableTest, ThenCutsNamesInTheMiddleSoThatTheyStillDiffer) {
  EXPECT_EQ(Sample().Render({}, 0, 23),
            "test              calls\n"
            "echo                 12\n"
            "a_test_w~f_reads  1,234\n"
            "a_test_w~_writes  1,234\n");
}

TEST(TableTest, CutsLinesWhereNothingElseHelps) {
  EXPECT_EQ(Sample().Render({}, 0, 10),
            "test     ~\n"
            "echo     ~\n"
            "a_test~re~\n"
            "a_test~ri~\n");
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
