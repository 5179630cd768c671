// Waits that Station::Wake ends.
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/targets/behavior/station.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_delay_queue.h"

namespace perfrig::targets {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A stream that notes what it is resumed with, and when.
class Stream final : public Visit {
 public:
  struct Resumed {
    absl::StatusCode code;
    Nanos at;

    bool operator==(const Resumed&) const = default;
  };

  explicit Stream(Station& station) : station_(station) {
    station_.Enter(*this, {.stream = true});
    resumed_.clear();
  }
  void Wait(Nanos due) { station_.WaitUntilWoken(*this, due, Phase::kGap); }

  [[nodiscard]] const std::vector<Resumed>& resumed() const { return resumed_; }

 private:
  void Resume(const absl::Status& status) override {
    resumed_.push_back({status.code(), station_.clock().Now()});
  }

  Station& station_;
  std::vector<Resumed> resumed_;
};

class WakeTest : public ::testing::Test {
 protected:
  static constexpr auto kOk = absl::StatusCode::kOk;

  FakeClock clock_;
  FakeDelayQueue delays_{clock_};
  Station station_{clock_, delays_, {}};
  Stream stream_{station_};
  const Nanos start_ = clock_.Now();
};

TEST_F(WakeTest, EndsTheWaitAtOnceAndOnce) {
  stream_.Wait(start_ + 10);
  delays_.AdvanceTo(start_ + 4);

  station_.Wake(stream_);
  delays_.AdvanceTo(start_ + 20);

  EXPECT_THAT(stream_.resumed(), ElementsAre(Stream::Resumed{kOk, start_ + 4}));
  EXPECT_EQ(stream_.phases().at(Phase::kGap), 4);
}

TEST_F(WakeTest, WithoutItTheWaitLastsUntilItsTime) {
  stream_.Wait(start_ + 10);

  delays_.AdvanceTo(start_ + 20);

  EXPECT_THAT(stream_.resumed(),
              ElementsAre(Stream::Resumed{kOk, start_ + 10}));
}

TEST_F(WakeTest, BeforeTheWaitItEndsTheNextOneOnly) {
  station_.Wake(stream_);
  station_.Wake(stream_);
  stream_.Wait(start_ + 10);
  stream_.Wait(start_ + 10);

  EXPECT_THAT(stream_.resumed(), ElementsAre(Stream::Resumed{kOk, start_}));
  delays_.AdvanceTo(start_ + 20);
  EXPECT_THAT(stream_.resumed(),
              ElementsAre(Stream::Resumed{kOk, start_},
                          Stream::Resumed{kOk, start_ + 10}));
}

TEST_F(WakeTest, WhatWaitsForeverIsNotEndedByAStall) {
  v1::Behavior behavior;
  behavior.mutable_stall()->mutable_every()->set_nanos(10);
  behavior.mutable_stall()->mutable_duration()->set_nanos(4);
  station_.SetBehavior(behavior, {.stall = true});
  Stream stream(station_);

  stream.Wait(kNever);
  delays_.AdvanceTo(start_ + 1'000);
  EXPECT_THAT(stream.resumed(), IsEmpty());

  station_.Wake(stream);
  EXPECT_THAT(stream.resumed(),
              ElementsAre(Stream::Resumed{kOk, start_ + 1'000}));
}

TEST_F(WakeTest, LeavesOtherWaitsAlone) {
  station_.WaitUntil(stream_, start_ + 10, Phase::kTransfer);

  station_.Wake(stream_);

  EXPECT_THAT(stream_.resumed(), IsEmpty());
  delays_.AdvanceTo(start_ + 10);
  EXPECT_THAT(stream_.resumed(),
              ElementsAre(Stream::Resumed{kOk, start_ + 10}));
}

TEST_F(WakeTest, ACancelledWaitIsNotWoken) {
  stream_.Wait(start_ + 10);

  EXPECT_TRUE(station_.Cancel(stream_));
  station_.Wake(stream_);
  stream_.Wait(start_ + 10);

  EXPECT_THAT(stream_.resumed(), ElementsAre(Stream::Resumed{
                                     absl::StatusCode::kCancelled, start_}));
}

}  // namespace
}  // namespace perfrig::targets
