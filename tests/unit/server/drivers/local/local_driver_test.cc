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

// What the counted calls of one scope have in common.
struct Shared {
  int lanes = 0;
};

// Prepares 1 ms, runs 2 ms, tells how often it was prepared, run, and how many
// lanes share its scope.
class CountedCall final : public LocalCall {
 public:
  CountedCall(FakeClock& clock, std::shared_ptr<Shared> shared)
      : clock_(clock), shared_(std::move(shared)) {
    ++shared_->lanes;
  }

  absl::Status Prepare() override {
    clock_.Advance(kMillisecond);
    return ++prepared_ == 3 ? absl::AbortedError("enough") : absl::OkStatus();
  }
  absl::Status Run() override {
    clock_.Advance(2 * kMillisecond);
    ++run_;
    return absl::OkStatus();
  }
  void Tell(Nanos took, LocalTrailers& trailers) override {
    trailers.Add("took_ms", static_cast<double>(took) / kMillisecond);
    if (run_ == 1) {
      trailers.Add("first", 0.5);
      trailers.AddPhase("a", 7);
      trailers.AddPhase("b", took);
    }
    trailers.Add("lanes", shared_->lanes);
  }

 private:
  FakeClock& clock_;
  const std::shared_ptr<Shared> shared_;
  int prepared_ = 0;
  int run_ = 0;
};

// Three times 1 KB for each reading.
Allocations CountUp() {
  static std::uint64_t count = 0;
  ++count;
  return {.count = 3 * count, .bytes = 1'000 * count};
}

class LocalDriverTest : public testing::Test, public Observer {
 protected:
  void OnMessage(Slot, std::string_view, Nanos) override {}
  void OnDone(Slot slot, const Outcome& outcome) override {
    ended_.push_back(
        {slot, outcome.status, std::string(outcome.message), outcome});
    told_.clear();
    if (outcome.trailers != nullptr) {
      for (const Header& header : *outcome.trailers) {
        told_ += header.name + "=" + header.value + " ";
      }
    }
    if (again_ != nullptr) driver_->Start(slot, *again_);
  }

  FakeClock clock_;
  std::vector<std::string> called_;
  LocalFunctions functions_ = {
      {"work", Stateless([this](std::string_view data) {
         called_.emplace_back(data);
         clock_.Advance(kMillisecond);
         return absl::OkStatus();
       })},
      {"fail", Stateless([](std::string_view) {
         return absl::NotFoundError("no such key");
       })},
      {"count",
       {.make = [this](std::string_view data, LocalScope& scope)
            -> absl::StatusOr<std::unique_ptr<LocalCall>> {
         if (data == "bad") return absl::InvalidArgumentError("data: bad");
         ++made_;
         const auto shared = scope.Share<Shared>(
             "count", []() -> absl::StatusOr<std::shared_ptr<Shared>> {
               return std::make_shared<Shared>();
             });
         return std::make_unique<CountedCall>(clock_, *shared);
       }}}};
  int made_ = 0;
  std::string told_;
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

TEST_F(LocalDriverTest, ACallIsMadeOnceForEqualDataAndMeasuredAlone) {
  Request request = Call("count");
  request.messages = {"{}"};
  const Request equal = request;
  Request other = Call("count");
  other.messages = {"{ }"};

  driver_->Start(0, request);
  driver_->Poll(kNever);
  EXPECT_EQ(told_, "took_ms=2 first=0.5 lanes=1 perfrig-phases=a=7,b=2000000 ");
  driver_->Start(1, equal);
  driver_->Poll(kNever);
  EXPECT_EQ(told_, "took_ms=2 lanes=1 ");
  EXPECT_EQ(made_, 1);
  driver_->Start(2, other);
  driver_->Poll(kNever);

  EXPECT_EQ(made_, 2);
  ASSERT_EQ(ended_.size(), 3U);
  EXPECT_EQ(ended_[1].outcome.done - ended_[1].outcome.sent, 2 * kMillisecond);
}

TEST_F(LocalDriverTest, LanesOfOneFactoryShareAScope) {
  const Request request = Call("count");
  const auto second = *factory_.Create({}, *this);
  LocalDriverFactory other(clock_, functions_);
  const auto stranger = *other.Create({}, *this);

  driver_->Start(0, request);
  driver_->Poll(kNever);
  second->Start(0, request);
  second->Poll(kNever);
  EXPECT_EQ(told_, "took_ms=2 first=0.5 lanes=2 perfrig-phases=a=7,b=2000000 ");
  stranger->Start(0, request);
  stranger->Poll(kNever);

  EXPECT_EQ(told_, "took_ms=2 first=0.5 lanes=1 perfrig-phases=a=7,b=2000000 ");
}

TEST_F(LocalDriverTest, WhatCannotBeMadeOrPreparedIsNotRun) {
  Request bad = Call("count");
  bad.messages = {"bad"};
  const Request request = Call("count");

  driver_->Start(0, bad);
  for (int i = 0; i < 3; ++i) driver_->Start(1, request);
  driver_->Poll(kNever);

  ASSERT_EQ(ended_.size(), 4U);
  EXPECT_EQ(ended_[0].status, 3);
  EXPECT_EQ(ended_[0].message, "data: bad");
  EXPECT_EQ(ended_[3].status, 10);
  EXPECT_EQ(ended_[3].outcome.sent, 0);
}

TEST_F(LocalDriverTest, DataThatDifferEachTimeAreNotKeptForEver) {
  for (int i = 0; i < 1'000; ++i) {
    Request request = Call("count");
    request.messages = {std::to_string(i)};
    driver_->Start(0, request);
    driver_->Poll(kNever);
  }

  EXPECT_EQ(made_, 1'000);
  EXPECT_EQ(ended_.size(), 1'000U);
}

TEST_F(LocalDriverTest, TellsWhatTheRunAllocated) {
  LocalDriverFactory counting(clock_, functions_, CountUp);
  const auto driver = *counting.Create({}, *this);
  const Request request = Call("work");

  driver->Start(0, request);
  driver->Poll(kNever);

  EXPECT_EQ(told_, "allocations=3 allocated_bytes=1000 ");
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
