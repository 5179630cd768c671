#include "server/cache/single_flight.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_delay_queue.h"
#include "tests/unit/server/cache/answers.h"

namespace perfrig::cache {
namespace {

class SingleFlightTest : public ::testing::Test {
 protected:
  // Whoever computes answers in the end.
  void TearDown() override {
    for (const SingleFlight::Caller& computing : computing_) {
      computing->Answer(absl::CancelledError("the test is over"));
    }
  }

  SingleFlight::Caller Join(const std::string& key) {
    auto caller = answers_.Ask();
    flights_.Join(key, caller, [this](const SingleFlight::Caller& computing) {
      computing->OnWithdraw([this] { ++stopped_; });
      computing_.push_back(computing);
    });
    return caller;
  }
  void Land(std::size_t flight, const std::string& text) {
    computing_[flight]->Answer(Found{MakeValue(text), Source::kComputed});
  }

  FakeClock clock_;
  FakeDelayQueue delays_{clock_};
  SingleFlight flights_{delays_, 5};
  Answers<SingleFlight::Result> answers_;
  std::vector<SingleFlight::Caller> computing_;
  int stopped_ = 0;
};

TEST_F(SingleFlightTest, AllWhoAskMeanwhileShareOneComputation) {
  for (int i = 0; i < 3; ++i) Join("a");
  Join("b");

  ASSERT_EQ(computing_.size(), 2);
  EXPECT_EQ(flights_.statistics().waiting, 4);
  Land(0, "value");

  ASSERT_EQ(answers_.size(), 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(*answers_.at(i)->value, "value");
  EXPECT_EQ(flights_.statistics().shared, 2);
  EXPECT_EQ(flights_.statistics().waiting, 1);
}

TEST_F(SingleFlightTest, WhoAsksAfterwardsComputesAnew) {
  Join("a");
  Land(0, "first");

  Join("a");

  EXPECT_EQ(computing_.size(), 2);
}

TEST_F(SingleFlightTest, WhatIsForgottenIsNotShared) {
  Join("a");
  Join("b");

  flights_.ForgetAll();
  Join("a");
  Join("b");
  flights_.Forget("a");
  Join("a");

  Land(0, "old");
  Land(2, "newer");
  Join("b");
  EXPECT_EQ(computing_.size(), 5);
  ASSERT_EQ(answers_.size(), 2);
  EXPECT_EQ(*answers_.at(0)->value, "old");
  EXPECT_EQ(*answers_.at(1)->value, "newer");
}

TEST_F(SingleFlightTest, AnErrorGoesToAll) {
  Join("a");
  Join("a");

  computing_[0]->Answer(absl::InternalError("no"));

  ASSERT_EQ(answers_.size(), 2);
  EXPECT_TRUE(absl::IsInternal(answers_.at(1).status()));
}

TEST_F(SingleFlightTest, AnAnswerAtOnceIsFine) {
  flights_.Join("a", answers_.Ask(), [](const SingleFlight::Caller& computing) {
    computing->Answer(Found{MakeValue("now"), Source::kComputed});
  });

  EXPECT_EQ(*answers_.at(0)->value, "now");
}

TEST_F(SingleFlightTest, TheFirstCallerMayLeaveWithoutHarm) {
  const auto first = Join("a");
  Join("a");

  EXPECT_TRUE(first->Withdraw());
  delays_.Advance(kSecond);
  EXPECT_EQ(stopped_, 0);
  Land(0, "value");

  EXPECT_EQ(answers_.size(), 1);
}

TEST_F(SingleFlightTest, AComputationNobodyWaitsForIsWithdrawn) {
  const auto first = Join("a");
  const auto second = Join("a");

  first->Withdraw();
  second->Withdraw();
  // Not on the thread of who withdraws.
  EXPECT_EQ(stopped_, 0);
  delays_.Advance(0);

  EXPECT_EQ(stopped_, 1);
  EXPECT_EQ(flights_.statistics().abandoned, 1);
  EXPECT_EQ(flights_.statistics().waiting, 0);
  Join("a");
  EXPECT_EQ(computing_.size(), 2);
}

TEST_F(SingleFlightTest, AfterForgetOthersComputeAnew) {
  Join("a");
  flights_.Forget("a");
  Join("a");

  ASSERT_EQ(computing_.size(), 2);
  Land(0, "old");
  Join("a");
  Land(1, "new");

  ASSERT_EQ(answers_.size(), 3);
  EXPECT_EQ(*answers_.at(0)->value, "old");
  EXPECT_EQ(*answers_.at(2)->value, "new");
}

TEST_F(SingleFlightTest, TooManyWhoWaitAreRefused) {
  for (int i = 0; i < 5; ++i) Join("a");

  Join("b");

  ASSERT_EQ(answers_.size(), 1);
  EXPECT_TRUE(absl::IsResourceExhausted(answers_.at(0).status()));
  EXPECT_EQ(computing_.size(), 1);
  EXPECT_EQ(flights_.statistics().refused, 1);
}

TEST_F(SingleFlightTest, WhoHasWithdrawnBeforeStartsNothing) {
  const auto caller = answers_.Ask();
  caller->Withdraw();

  flights_.Join("a", caller, [](const auto&) { FAIL(); });
  Join("a");

  EXPECT_EQ(computing_.size(), 1);
}

}  // namespace
}  // namespace perfrig::cache
