#include "server/load/hiccup_meter.h"

#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"

namespace perfrig::load {
namespace {

TEST(HiccupLogTest, CountsByHowMuchSleepsWereTooLong) {
  HiccupLog log(/*from=*/0);
  for (const Nanos oversleep : {10, 20, 3'000'000}) {
    log.Sleep(kMillisecond);
    log.Wake(kMillisecond + oversleep);
  }

  EXPECT_EQ(log.histogram().count(), 3U);
  EXPECT_EQ(log.histogram().max(), 3'000'000);
}

TEST(HiccupLogTest, EachSecondHasItsOwnWorst) {
  HiccupLog log(0);
  log.Sleep(100 * kMillisecond);
  log.Wake(105 * kMillisecond);
  log.Sleep(1'100 * kMillisecond);
  log.Wake(1'102 * kMillisecond);

  EXPECT_EQ(log.TakeWorst(kSecond), 5 * kMillisecond);
  EXPECT_EQ(log.TakeWorst(2 * kSecond), 2 * kMillisecond);
  EXPECT_EQ(log.TakeWorst(3 * kSecond), 0);
}

TEST(HiccupLogTest, AHiccupThatGoesOnCountsInEverySecondThatItTouches) {
  HiccupLog log(0);
  log.Sleep(500 * kMillisecond);

  EXPECT_EQ(log.TakeWorst(kSecond), 500 * kMillisecond);
  EXPECT_EQ(log.TakeWorst(2 * kSecond), 1'500 * kMillisecond);
  log.Wake(2'100 * kMillisecond);
  EXPECT_EQ(log.TakeWorst(3 * kSecond), 1'600 * kMillisecond);
  EXPECT_EQ(log.TakeWorst(4 * kSecond), 0);
}

TEST(HiccupLogTest, TheWarmUpIsNotInTheHistogram) {
  HiccupLog log(/*from=*/kSecond);
  log.Sleep(10);
  log.Wake(20);
  log.Sleep(kSecond);
  log.Wake(kSecond + 7);

  EXPECT_EQ(log.histogram().count(), 1U);
  EXPECT_EQ(log.histogram().max(), 7);
}

TEST(HiccupMeterTest, SleepsAMillisecondAgainAndAgain) {
  FakeClock clock;
  HiccupLog log(0);
  const Nanos start = clock.Now();
  {
    const HiccupMeter meter(clock, log);
    while (log.histogram().count() < 5) std::this_thread::yield();
  }

  EXPECT_GE(clock.Now(), start + 5 * kMillisecond);
  EXPECT_EQ(log.histogram().max(), 0);
}

}  // namespace
}  // namespace perfrig::load
