#include "server/drivers/grpc/encoding.h"

#include <gtest/gtest.h>

#include <string>

#include "server/drivers/grpc/status_mapping.h"

namespace perfrig::drivers {
namespace {

TEST(EncodeTimeout, HasAtMostEightDigitsAndAUnit) {
  EXPECT_EQ(EncodeTimeout(1), "1u");
  EXPECT_EQ(EncodeTimeout(250 * kMicrosecond), "250u");
  EXPECT_EQ(EncodeTimeout(20 * kMillisecond), "20m");
  EXPECT_EQ(EncodeTimeout(20 * kSecond), "20000m");
  EXPECT_EQ(EncodeTimeout(99'999 * kSecond), "99999000m");
  EXPECT_EQ(EncodeTimeout(100'000 * kSecond), "100000S");
  EXPECT_EQ(EncodeTimeout(99'999'999 * kSecond), "99999999S");
  EXPECT_EQ(EncodeTimeout(100'000'000 * kSecond), "27778H");
  EXPECT_EQ(EncodeTimeout(kNever), "2562048H");
}

TEST(EncodeTimeout, RoundsUpSoThatThePeerIsNotTheFirstToGiveUp) {
  EXPECT_EQ(EncodeTimeout(20 * kSecond - 300 * kMicrosecond), "20000m");
  EXPECT_EQ(EncodeTimeout(5 * kMillisecond - 1), "5000u");
}

TEST(PercentDecode, LeavesWhatIsNoEscapeAsItIs) {
  std::string text;

  PercentDecode("a%20b%E2%82%AC%0a", text);
  EXPECT_EQ(text, "a b€\n");
  PercentDecode("100%", text);
  EXPECT_EQ(text, "100%");
  PercentDecode("%4", text);
  EXPECT_EQ(text, "%4");
  PercentDecode("%zz%41", text);
  EXPECT_EQ(text, "%zzA");
  PercentDecode("", text);
  EXPECT_EQ(text, "");
}

TEST(Binary, IsWrittenWithoutPaddingAndReadWithOrWithout) {
  const std::string bytes("\x00\xff\x10\x80", 4);
  std::string read;

  EXPECT_EQ(EncodeBinary(bytes), "AP8QgA");
  EXPECT_TRUE(DecodeBinary("AP8QgA", read));
  EXPECT_EQ(read, bytes);
  EXPECT_TRUE(DecodeBinary("AP8QgA==", read));
  EXPECT_EQ(read, bytes);
  EXPECT_FALSE(DecodeBinary("!", read));
}

TEST(StatusOfHttp, FollowsTheTableOfGrpc) {
  EXPECT_EQ(StatusOfHttp(400), 13);
  EXPECT_EQ(StatusOfHttp(401), 16);
  EXPECT_EQ(StatusOfHttp(403), 7);
  EXPECT_EQ(StatusOfHttp(404), 12);
  for (const int http : {429, 502, 503, 504}) EXPECT_EQ(StatusOfHttp(http), 14);
  for (const int http : {200, 301, 500}) EXPECT_EQ(StatusOfHttp(http), 2);
}

TEST(StatusOfReset, FollowsTheTableOfGrpc) {
  EXPECT_EQ(StatusOfReset(0x0), 13);
  EXPECT_EQ(StatusOfReset(0x1), 13);
  EXPECT_EQ(StatusOfReset(0x7), 14);
  EXPECT_EQ(StatusOfReset(0x8), 1);
  EXPECT_EQ(StatusOfReset(0xb), 8);
  EXPECT_EQ(StatusOfReset(0xc), 7);
  EXPECT_EQ(StatusOfReset(0xffff), 13);
}

TEST(StatusOfText, TakesWhatIsNoCodeForUnknown) {
  EXPECT_EQ(StatusOfText("0"), 0);
  EXPECT_EQ(StatusOfText("16"), 16);
  for (const char* text : {"17", "-1", "", "5x", "OK"}) {
    EXPECT_EQ(StatusOfText(text), 2) << text;
  }
}

}  // namespace
}  // namespace perfrig::drivers
