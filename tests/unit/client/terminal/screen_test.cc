#include "client/terminal/screen.h"

#include <gtest/gtest.h>

#include <sstream>

namespace perfrig {
namespace {

TEST(RowsTakenTest, CountsWrappedAndEmptyLines) {
  EXPECT_EQ(RowsTaken({10, 0, 80}, 80), 3);
  EXPECT_EQ(RowsTaken({10, 0, 80}, 40), 4);
  EXPECT_EQ(RowsTaken({}, 40), 0);
}

TEST(ScreenTest, DrawsTheBlockAgainWhereItStood) {
  std::ostringstream out;
  Screen screen(out);
  screen.Draw({}, {"one", "two"}, 80);
  out.str("");

  screen.Draw({"done"}, {"three"}, 80);

  EXPECT_EQ(out.str(), "\x1b[2A\r\x1b[Jdone\nthree\n");
}

TEST(ScreenTest, FindsTheBlockAgainOnANarrowerTerminal) {
  std::ostringstream out;
  Screen screen(out);
  screen.Draw({}, {std::string(60, 'x')}, 80);
  out.str("");

  screen.Draw({}, {"y"}, 40);

  EXPECT_EQ(out.str(), "\x1b[2A\r\x1b[Jy\n");
}

TEST(ScreenTest, HidesTheCursorOnlyWhileItDraws) {
  std::ostringstream out;
  {
    Screen screen(out);
    screen.Draw({}, {"one"}, 80);
    EXPECT_EQ(out.str(), "\x1b[?25lone\n");
    out.str("");
  }

  EXPECT_EQ(out.str(), "\x1b[1A\r\x1b[J\x1b[?25h");
}

TEST(ScreenTest, LeavesATerminalAloneThatItNeverDrewOn) {
  std::ostringstream out;
  { Screen screen(out); }

  EXPECT_EQ(out.str(), "");
}

}  // namespace
}  // namespace perfrig
