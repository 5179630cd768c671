#include "server/drivers/local/local_driver.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"

namespace perfrig::drivers {
namespace {

struct Ended {
  Slot slot;
  int status;
  std::string message;
  Outcome outcome;
};

Request Call(std::string name, Nanos timeout = kNever) {
  Request request;
  request.path = std::move(name);
  request.timeout = timeout;
  return request;
}

class LocalDriverTest : public testing::Test, public Observer {
 protected:
  void OnMessage(Slot, std::string_view, Nanos) override {}
  void OnDone(Slot slot, const Outcome& outcome) override {
    ended_.push_back(
        {slot, outcome.status, std::string(outcome.message), outcome});
    if (again_ != nullptr) driver_->Start(slot, *again_);
  }

  FakeClock clock_;
  std::vector<std::string> called_;
  LocalFunctions functions_ = {{"work",
                                [this](std::string_view data) {
                                  called_.emplace_back(data);
                                  clock_.Advance(kMillisecond);
                                  return absl::OkStatus();
                                }},
                               {"fail", [](std::string_view) {
                                  return absl::NotFoundError("no such key");
                                }}};
  std::vector<Ended> ended_;
  const Request* again_ = nullptr;
  LocalDriverFactory factory_{clock_, functions_};
  std::unique_ptr<Driver> driver_ = *factory_.Create({}, *this);
};

TEST_F(LocalDriverTest, CallsTheFunctionWithItsData) {
  const Nanos start = clock_.Now();
  Request request = Call("work");
  request.messages = {"{\"key\":1}"};

  driver_->Start(3, request);
  EXPECT_TRUE(called_.empty());
  driver_->Poll(start);

  EXPECT_THAT(called_, testing::ElementsAre("{\"key\":1}"));
  ASSERT_EQ(ended_.size(), 1U);
  EXPECT_EQ(ended_[0].slot, 3U);
  EXPECT_EQ(ended_[0].status, 0);
  EXPECT_EQ(ended_[0].outcome.sent, start);
  EXPECT_EQ(ended_[0].outcome.done, start + kMillisecond);
}

TEST_F(LocalDriverTest, TheFunctionsStatusIsTheCalls) {
  const Request request = Call("fail");

  driver_->Start(0, request);
  driver_->Poll(clock_.Now());

  ASSERT_EQ(ended_.size(), 1U);
  EXPECT_EQ(ended_[0].status, 5);
  EXPECT_EQ(ended_[0].message, "no such key");
}

TEST_F(LocalDriverTest, AnUnknownNameIsUnimplemented) {
  const Request request = Call("wrok");

  driver_->Start(0, request);
  driver_->Poll(clock_.Now());

  ASSERT_EQ(ended_.size(), 1U);
  EXPECT_EQ(ended_[0].status, 12);
  EXPECT_EQ(ended_[0].message, "no local function \"wrok\"");
}

TEST_F(LocalDriverTest, WithNothingToDoItWaits) {
  const Nanos until = clock_.Now() + 7 * kMillisecond;

  driver_->Poll(until);

  EXPECT_EQ(clock_.Now(), until);
}

TEST_F(LocalDriverTest, ACancelledCallIsNotMade) {
  const Request request = Call("work");
  driver_->Start(0, request);
  driver_->Start(1, request);

  driver_->Cancel(1);
  driver_->Poll(kNever);

  EXPECT_EQ(called_.size(), 1U);
  ASSERT_EQ(ended_.size(), 2U);
  EXPECT_EQ(ended_[1].status, 1);
  EXPECT_EQ(ended_[1].outcome.sent, 0);
}

TEST_F(LocalDriverTest, ACallThatTookTooLongIsOverdue) {
  const Request slow = Call("work", kMillisecond / 2);
  const Request waiting = Call("work", kMillisecond);
  driver_->Start(0, slow);
  driver_->Start(1, waiting);

  driver_->Poll(kNever);

  ASSERT_EQ(ended_.size(), 2U);
  EXPECT_EQ(ended_[0].status, 4);
  EXPECT_EQ(ended_[1].status, 4);
  EXPECT_EQ(called_.size(), 1U);
}

TEST_F(LocalDriverTest, OnePollDoesNotGoOnForever) {
  const Request request = Call("work");
  again_ = &request;
  driver_->Start(0, request);

  driver_->Poll(kNever);

  EXPECT_EQ(called_.size(), 1U);
  again_ = nullptr;
  driver_->Poll(kNever);
  EXPECT_EQ(called_.size(), 2U);
}

TEST_F(LocalDriverTest, APollComesBackWhenItsTimeIsOver) {
  const Request request = Call("work");
  for (Slot slot = 0; slot < 10; ++slot) driver_->Start(slot, request);

  driver_->Poll(clock_.Now() + 3 * kMillisecond);

  EXPECT_EQ(called_.size(), 3U);
}

}  // namespace
}  // namespace perfrig::drivers
