#include "client/terminal/format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/terminal/style.h"
#include "client/terminal/text.h"

namespace perfrig {
namespace {

using ::testing::ElementsAre;

constexpr Style kUtf8 = {.color = false, .utf8 = true};
constexpr Style kAscii = {};

TEST(FormatNanosTest, ShowsThreeDigitsAndAUnit) {
  EXPECT_EQ(FormatNanos(0, kUtf8), "0 ns");
  EXPECT_EQ(FormatNanos(850, kUtf8), "850 ns");
  EXPECT_EQ(FormatNanos(12'345, kUtf8), "12.3 µs");
  EXPECT_EQ(FormatNanos(20'000'000, kUtf8), "20.0 ms");
  EXPECT_EQ(FormatNanos(1.25e9, kUtf8), "1.25 s");
  EXPECT_EQ(FormatNanos(125e9, kUtf8), "2m 05s");
  EXPECT_EQ(FormatNanos(3 * 3600e9 + 600e9, kUtf8), "3h 10m");
}

TEST(FormatNanosTest, RoundsIntoTheNextUnitWithoutAThousand) {
  EXPECT_EQ(FormatNanos(999.6, kUtf8), "1.00 µs");
  EXPECT_EQ(FormatNanos(999'600, kUtf8), "1.00 ms");
  EXPECT_EQ(FormatNanos(9'996, kUtf8), "10.0 µs");
  EXPECT_EQ(FormatNanos(99'960, kUtf8), "100 µs");
}

TEST(FormatNanosTest, KeepsToAsciiWhereTheLocaleDoes) {
  EXPECT_EQ(FormatNanos(12'345, kAscii), "12.3 us");
}

TEST(FormatNanosTest, ShowsTheSignOfADifference) {
  EXPECT_EQ(FormatNanos(-1'500'000, kUtf8), "-1.50 ms");
}

TEST(FormatOffsetTest, IsInSecondsFromTheStart) {
  EXPECT_EQ(FormatOffset(absl::ZeroDuration()), "0 s");
  EXPECT_EQ(FormatOffset(absl::Milliseconds(1234)), "1.234 s");
  EXPECT_EQ(FormatOffset(absl::Milliseconds(99999)), "99.999 s");
  EXPECT_EQ(FormatOffset(absl::Seconds(125)), "2m 05s");
}

TEST(FormatClockTest, CountsHoursOnlyWhenThereAreSome) {
  EXPECT_EQ(FormatClock(absl::Milliseconds(7900)), "0:07");
  EXPECT_EQ(FormatClock(absl::Seconds(750)), "12:30");
  EXPECT_EQ(FormatClock(absl::Seconds(3723)), "1:02:03");
}

TEST(FormatNumberTest, SeparatesThousands) {
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1'234'567), "1,234,567");
  EXPECT_EQ(FormatRate(1000), "1,000/s");
  EXPECT_EQ(FormatRate(0.5), "0.5/s");
  EXPECT_EQ(FormatRate(31'400.4), "31,400/s");
}

TEST(FormatNumberTest, NeverShowsSomethingAsNothing) {
  EXPECT_EQ(FormatShare(0.00001), "0.001 %");
  EXPECT_EQ(FormatShare(0), "0 %");
  EXPECT_EQ(FormatNumber(0.0000123), "1.2e-05");
}

TEST(FormatBytesTest, CountsInPowersOf1024) {
  EXPECT_EQ(FormatBytes(512), "512 B");
  EXPECT_EQ(FormatBytes(1536), "1.50 KiB");
  EXPECT_EQ(FormatBytes(40.0 * 1024 * 1024), "40.0 MiB");
}

TEST(PaintTest, LeavesTextAloneWithoutColours) {
  EXPECT_EQ(Paint(kUtf8, Color::kBad, "x"), "x");
  EXPECT_EQ(Paint({.color = true, .utf8 = true}, Color::kBad, "x"),
            "\x1b[31mx\x1b[0m");
}

TEST(BarTest, IsAsWideAsAskedWhateverTheShare) {
  for (const Style style : {kUtf8, kAscii}) {
    for (const double share : {-1.0, 0.0, 0.33, 0.5, 0.999, 1.0, 7.0}) {
      EXPECT_EQ(DisplayWidth(Bar(style, share, 20)), 20) << share;
    }
  }
  EXPECT_EQ(Bar(kAscii, 0.5, 4), "##..");
}

TEST(TextTest, CountsColumnsNotBytesNorColours) {
  EXPECT_EQ(DisplayWidth("12 µs"), 5);
  EXPECT_EQ(DisplayWidth("\x1b[31mred\x1b[0m"), 3);
}

TEST(TextTest, CutsToWidthAndClosesColours) {
  EXPECT_EQ(CutToWidth("abcdef", 4, "…"), "abc…");
  EXPECT_EQ(CutToWidth("abcd", 4, "…"), "abcd");
  EXPECT_EQ(CutToWidth("µµµµ", 3, "…"), "µµ…");
  EXPECT_EQ(CutToWidth("\x1b[31mabcdef\x1b[0m", 3, "~"), "\x1b[31mab~\x1b[0m");
  EXPECT_EQ(CutToWidth("abcdef", 0, "…"), "abcdef");
}

TEST(TextTest, CutsOutTheMiddleAndKeepsColours) {
  EXPECT_EQ(CutMiddle("abcdefgh", 5, "…"), "ab…gh");
  EXPECT_EQ(CutMiddle("abcdefgh", 4, "…"), "ab…h");
  EXPECT_EQ(CutMiddle("abcd", 4, "…"), "abcd");
  EXPECT_EQ(CutMiddle("abcd", 0, "…"), "abcd");
  EXPECT_EQ(CutMiddle("\x1b[31m✓\x1b[0m abcdef", 5, "~"),
            "\x1b[31m✓\x1b[0m ~ef");
}

TEST(WrapTest, BreaksBehindTheSeparatorWhereItCan) {
  EXPECT_THAT(
      Wrap("  rig: 1 connection · lag p50 20 µs · CPU 4 %", 22, 4, " · "),
      ElementsAre("  rig: 1 connection ·", "    lag p50 20 µs ·",
                  "    CPU 4 %"));
}

TEST(WrapTest, BreaksBetweenWordsButNotBehindANumber) {
  EXPECT_THAT(Wrap("took 250 ms of (4 s)", 9, 2, " · "),
              ElementsAre("took", "  250 ms", "  of", "  (4 s)"));
  EXPECT_THAT(Wrap("one two  three", 9, 0, " · "),
              ElementsAre("one two", "three"));
}

TEST(WrapTest, LeavesWhatFitsAndWordsThatCannotBeBroken) {
  EXPECT_THAT(Wrap("one  two", 8, 2, " · "), ElementsAre("one  two"));
  EXPECT_THAT(Wrap("one two", 0, 2, " · "), ElementsAre("one two"));
  EXPECT_THAT(Wrap("a/very/long/path is", 8, 2, " · "),
              ElementsAre("a/very/long/path", "  is"));
}

TEST(TextTest, TakesControlCharactersOutOfForeignText) {
  EXPECT_EQ(Printable("a\x1b[2Jb\r\nc\n"), "a [2Jb  c");
  EXPECT_EQ(Printable("a\xC2\x9B"
                      "2Jb"),
            "a 2Jb");
  EXPECT_EQ(Printable("grün"), "grün");
}

TEST(IsUtf8Test, TellsTextFromBytes) {
  for (const char* text : {"", "abc", "grün", "✓", "\xF0\x9F\x8E\x89"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
  for (const char* text : {"\xff", "\x80", "\xC3", "\xC0\x80", "\xED\xA0\x80",
                           "\xF4\x90\x80\x80", "\xE0\x80\x80", "a\xE2\x9C"}) {
    EXPECT_FALSE(IsUtf8(text));
  }
}

}  // namespace
}  // namespace perfrig
