#include "server/drivers/grpc/slow_link.h"

#include <string>

#include "gtest/gtest.h"

namespace perfrig::drivers {
namespace {

std::string Drain(SlowLink& link, Nanos now) {
  std::string all;
  while (true) {
    const std::string part(link.Arrived(now));
    if (part.empty()) return all;
    all += part;
    link.Take(part.size());
  }
}

TEST(SlowLink, DelaysWhatGoesIn) {
  SlowLink link({.delay = 50 * kMillisecond});
  link.Put("ab", kSecond);
  link.Put("c", kSecond + kMillisecond);

  EXPECT_EQ(link.NextDue(), kSecond + 50 * kMillisecond);
  EXPECT_EQ(Drain(link, kSecond + 49 * kMillisecond), "");
  EXPECT_EQ(Drain(link, kSecond + 50 * kMillisecond), "ab");
  EXPECT_EQ(link.NextDue(), kSecond + 51 * kMillisecond);
  EXPECT_EQ(Drain(link, 2 * kSecond), "c");
  EXPECT_EQ(link.NextDue(), kNever);
}

TEST(SlowLink, LetsThroughAsMuchAsItsBandwidth) {
  // 1 MB/s, packet by packet.
  SlowLink link({.bytes_per_second = 1e6, .delay = 10 * kMillisecond});
  link.Put(std::string(100'000, 'x'), 0);

  EXPECT_EQ(Drain(link, 10 * kMillisecond), "");
  const std::size_t half = Drain(link, 60 * kMillisecond).size();
  EXPECT_LE(half, 50'000U);
  EXPECT_GE(half, 48'000U);
  const std::size_t rest = Drain(link, 110 * kMillisecond).size();
  EXPECT_EQ(half + rest, 100'000U);
  EXPECT_TRUE(link.empty());
}

TEST(SlowLink, WhatCameLaterWaitsForWhatIsOnTheLink) {
  SlowLink link({.bytes_per_second = 1'000});
  link.Put(std::string(1'000, 'a'), 0);
  link.Put("b", kMillisecond);

  EXPECT_EQ(Drain(link, kSecond).size(), 1'000U);
  EXPECT_EQ(Drain(link, kSecond + kMillisecond), "b");
}

TEST(SlowLink, TakesNoMoreThanABufferAhead) {
  SlowLink link({.bytes_per_second = 65'536});
  EXPECT_TRUE(link.HasRoom(0));
  link.Put(std::string(2 * 65'536, 'x'), 0);

  EXPECT_FALSE(link.HasRoom(kSecond - kMillisecond));
  EXPECT_TRUE(link.HasRoom(kSecond + kMillisecond));
  EXPECT_NEAR(static_cast<double>(link.RoomAt()), 1e9, 1e6);
}

TEST(SlowLink, OpensWhenTheHandshakeIsOver) {
  SlowLink link({.delay = kMillisecond, .opens = kSecond});
  EXPECT_FALSE(link.HasRoom(0));
  EXPECT_EQ(link.RoomAt(), kSecond);
  link.Put("a", 0);

  EXPECT_EQ(link.NextDue(), kSecond + kMillisecond);
}

TEST(SlowLink, GivesPartsOfAPacket) {
  SlowLink link({});
  link.Put("abc", 5);

  EXPECT_EQ(link.Arrived(5), "abc");
  link.Take(1);
  EXPECT_EQ(link.Arrived(5), "bc");
  link.Take(2);
  EXPECT_EQ(link.Arrived(5), "");
}

}  // namespace
}  // namespace perfrig::drivers
