#include "server/cache/pending.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace perfrig::cache {
namespace {

TEST(PendingTest, IsAnsweredOnce) {
  int sum = 0;
  const auto pending = MakePending<int>([&](int answer) { sum += answer; });

  EXPECT_TRUE(pending->Answer(3));
  EXPECT_FALSE(pending->Answer(4));
  EXPECT_FALSE(pending->Withdraw());

  EXPECT_EQ(sum, 3);
}

TEST(PendingTest, OnceWithdrawnNeverCallsBackButStopsTheWork) {
  int calls = 0;
  int stops = 0;
  const auto pending = MakePending<int>([&](int) { ++calls; });

  EXPECT_TRUE(pending->OnWithdraw([&] { stops += 100; }));
  EXPECT_TRUE(pending->OnWithdraw([&] { ++stops; }));
  EXPECT_TRUE(pending->Withdraw());
  EXPECT_FALSE(pending->Withdraw());
  EXPECT_FALSE(pending->Answer(1));
  EXPECT_FALSE(pending->OnWithdraw([&] { ++stops; }));

  EXPECT_EQ(calls, 0);
  EXPECT_EQ(stops, 1);
}

TEST(PendingTest, WhatItCapturedEndsWithIt) {
  const auto captured = std::make_shared<int>(1);
  const auto answered = MakePending<int>([captured](int) {});
  const auto withdrawn = MakePending<int>([captured](int) {});
  answered->OnWithdraw([captured] {});

  answered->Answer(1);
  withdrawn->Withdraw();

  EXPECT_EQ(captured.use_count(), 1);
}

TEST(PendingTest, OfAnswerAndWithdrawalExactlyOneWins) {
  for (int i = 0; i < 2'000; ++i) {
    std::atomic<int> answered = 0;
    const auto pending = MakePending<int>([&](int) { ++answered; });
    bool withdrawn = false;
    std::thread other([&] { withdrawn = pending->Withdraw(); });

    pending->Answer(1);
    other.join();

    EXPECT_EQ(answered + (withdrawn ? 1 : 0), 1);
  }
}

}  // namespace
}  // namespace perfrig::cache
