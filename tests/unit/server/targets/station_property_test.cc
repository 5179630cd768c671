// What holds for a station whatever happens to it and in whatever order: random
// steps beside a model that counts along, and phases that leave nothing out.
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status/code_names.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "server/targets/behavior/station.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_delay_queue.h"

namespace perfrig::targets {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

v1::Behavior Parse(const std::string& text) {
  v1::Behavior behavior;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &behavior));
  return behavior;
}

std::string Name(absl::StatusCode code) {
  return std::string(StatusName(static_cast<int>(code)));
}

Counts FinishedOf(const v1::TargetStatistics& statistics) {
  return {statistics.finished().begin(), statistics.finished().end()};
}

// A station, its calls, and what is known of them without asking it.
class StationPropertyTest : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  class Call;

  std::uint64_t Pick(std::uint64_t n) { return random_() % n; }

  void StartOne();
  void CancelOne();
  void Reconfigure();
  void Reset();
  // Everything that is due now has happened afterwards.
  void Settle() { delays_.Advance(0); }
  // Nothing waits while there is room.
  void CheckRoom() const {
    if (queued_ > 0) {
      ASSERT_GT(capacity_, 0);
      ASSERT_GE(in_work_, capacity_);
    }
  }
  void CheckCounts() const {
    const v1::TargetStatistics now = station_.Snapshot(false);
    ASSERT_EQ(now.started(), started_);
    ASSERT_EQ(FinishedOf(now), finished_);
    ASSERT_EQ(now.in_flight(), live_.size());
    ASSERT_EQ(now.waiting(), queued_);
  }

  FakeClock clock_;
  FakeDelayQueue delays_{clock_};
  Station station_{clock_, delays_, {}};
  std::mt19937_64 random_{GetParam()};

  std::vector<std::unique_ptr<Call>> calls_;
  // Those that have not ended, in no order.
  std::vector<Call*> live_;
  std::uint64_t capacity_ = 0;
  std::uint64_t queue_limit_ = 1'000;
  std::uint64_t queued_ = 0;
  std::uint64_t in_work_ = 0;
  // Number of the call that had its turn last.
  std::size_t last_turn_ = 0;
  bool resetting_ = false;
  // Since the last reset, and before it.
  std::uint64_t started_ = 0;
  Counts finished_;
  Counts earlier_;
};

// Takes its turn, then works, so that both are seen.
class StationPropertyTest::Call final : public Visit {
 public:
  Call(StationPropertyTest& test, std::size_t number)
      : test_(test), number_(number) {}

  // `patience`: until it expires; 0: never.
  void Start(Nanos patience) {
    arrived_ = test_.clock_.Now();
    place_ = test_.live_.size();
    test_.live_.push_back(this);
    ++test_.started_;
    ++test_.queued_;
    if (patience > 0) {
      deadline_ = test_.delays_.Schedule(arrived_ + patience, [this] {
        TakeOut(absl::StatusCode::kDeadlineExceeded);
      });
    }
    test_.station_.Enter(*this, {});
  }
  void TakeOut(absl::StatusCode code) {
    if (test_.station_.Cancel(*this)) End(code);
  }

 private:
  void Resume(const absl::Status& status) override {
    if (!status.ok()) {
      if (status.code() == absl::StatusCode::kResourceExhausted) {
        EXPECT_GT(test_.queued_, test_.queue_limit_);
      }
      return End(status.code());
    }
    if (has_turn_) return End(absl::StatusCode::kOk);
    has_turn_ = true;
    --test_.queued_;
    ++test_.in_work_;
    EXPECT_GT(number_, test_.last_turn_);
    test_.last_turn_ = number_;
    EXPECT_TRUE(test_.capacity_ == 0 || test_.in_work_ <= test_.capacity_);
    test_.station_.Work(*this, {.work_times = 1});
  }

  void End(absl::StatusCode code) {
    EXPECT_FALSE(over_);
    over_ = true;
    test_.delays_.Cancel(deadline_);
    --(has_turn_ ? test_.in_work_ : test_.queued_);
    test_.live_.back()->place_ = place_;
    test_.live_[place_] = test_.live_.back();
    test_.live_.pop_back();
    if (test_.resetting_) {
      EXPECT_EQ(code, absl::StatusCode::kUnavailable);
    } else {
      ++test_.finished_[Name(code)];
    }
    test_.station_.Leave(*this, code);
    EXPECT_EQ(phases().Sum(), test_.clock_.Now() - arrived_);
  }

  StationPropertyTest& test_;
  const std::size_t number_;
  Nanos arrived_ = 0;
  // Among the live ones.
  std::size_t place_ = 0;
  DelayQueue::Handle deadline_ = 0;
  bool has_turn_ = false;
  bool over_ = false;
};

void StationPropertyTest::StartOne() {
  calls_.push_back(std::make_unique<Call>(*this, calls_.size() + 1));
  calls_.back()->Start(Pick(3) == 0 ? 0 : static_cast<Nanos>(Pick(4'000)));
}

void StationPropertyTest::CancelOne() {
  if (live_.empty()) return;
  live_[Pick(live_.size())]->TakeOut(absl::StatusCode::kCancelled);
}

void StationPropertyTest::Reconfigure() {
  capacity_ = Pick(6);
  queue_limit_ = Pick(30);
  std::string text =
      absl::StrCat("capacity: ", capacity_, " queue_limit: ", queue_limit_,
                   " delay { exponential { nanos: ", 1 + Pick(1'000), " } } ");
  for (const char* fault : {"status: 'ABORTED'", "hang: true",
                            "slow { nanos: 300 }", "drop: true"}) {
    if (Pick(3) == 0) {
      absl::StrAppend(&text, "faults { rate: 0.05 ", fault, " } ");
    }
  }
  if (Pick(5) == 0) {
    absl::StrAppend(&text, "outage { after { nanos: 500 } ",
                    "duration { nanos: 500 } status: 'INTERNAL' }");
  }
  station_.SetBehavior(Parse(text),
                       {.random = Pick(2) == 0, .stall = true, .outage = true});
}

void StationPropertyTest::Reset() {
  resetting_ = true;
  capacity_ = 3;
  queue_limit_ = 1'000;
  station_.Reset(Parse("delay { fixed { nanos: 300 } } capacity: 3"));
  resetting_ = false;
  for (const auto& [code, count] : finished_) earlier_[code] += count;
  finished_.clear();
  started_ = 0;
}

TEST_P(StationPropertyTest, NothingIsLostOverrunOrOvertaken) {
  for (int step = 0; step < 100'000 && !HasFailure(); ++step) {
    const std::uint64_t draw = Pick(1'000);
    if (draw < 350) {
      StartOne();
    } else if (draw < 450) {
      CancelOne();
    } else if (draw < 470) {
      Reconfigure();
    } else if (draw < 472) {
      Reset();
    } else {
      // Punctually: a place counts as free from when its call was due, so that
      // whoever takes one that was seen late may be told before whoever took
      // one that was given up a moment earlier.
      delays_.Advance(static_cast<Nanos>(Pick(500)));
    }
    Settle();
    CheckRoom();
    if (step % 500 == 0) CheckCounts();
  }
  while (!live_.empty() && !HasFailure()) CancelOne();

  CheckCounts();
  EXPECT_EQ(delays_.pending(), 0);
  for (const auto& [code, count] : finished_) earlier_[code] += count;
  EXPECT_EQ(FinishedOf(station_.Totals()), earlier_);
  // None of it was tested in vain.
  for (const char* code : {"OK", "CANCELLED", "DEADLINE_EXCEEDED", "ABORTED",
                           "RESOURCE_EXHAUSTED", "UNAVAILABLE", "INTERNAL"}) {
    EXPECT_GT(earlier_[code], 50) << code;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, StationPropertyTest, ::testing::Values(1, 2, 3),
                         ::testing::PrintToStringParamName());

// A visit that waits for one thing after the other, of every kind.
class Wanderer final : public Visit {
 public:
  Wanderer(Station& station, FakeDelayQueue& delays, std::uint64_t seed)
      : station_(station), delays_(delays), random_(seed) {}

  void Start() {
    arrived_ = station_.clock().Now();
    Station::Request request = Something();
    if (Pick(3) == 0) request.work_times = 0;
    request.stream = Pick(4) == 0;
    station_.Enter(*this, request);
  }
  void TakeOut() {
    if (!over() && station_.Cancel(*this)) End(absl::StatusCode::kCancelled);
  }

  [[nodiscard]] bool over() const { return whole_ >= 0; }
  // From its arrival to its leaving.
  [[nodiscard]] Nanos whole() const { return whole_; }

 private:
  std::uint64_t Pick(std::uint64_t n) { return random_() % n; }
  Nanos Soon() {
    return station_.clock().Now() + static_cast<Nanos>(Pick(900));
  }
  Station::Request Something() {
    return {.work_times = 1 + static_cast<int>(Pick(2)),
            .transfer_bytes = static_cast<double>(Pick(2) * Pick(400)),
            .own_delay = &own_delay_,
            .keeps_own_delay = Pick(2) == 0,
            .share = Pick(2) == 0 ? 1 : 0.25,
            .phase = Pick(2) == 0 ? Phase::kWork : Phase::kProvider};
  }

  void Resume(const absl::Status& status) override {
    if (!status.ok()) return End(status.code());
    switch (Pick(5)) {
      case 0:
        return station_.Work(*this, Something());
      case 1:
        return station_.WaitUntil(*this, Soon(), Phase::kHold);
      case 2:
        if (Pick(2) == 0) {
          delays_.Schedule(Soon(), [this] {
            if (!over()) station_.Wake(*this);
          });
        }
        return station_.WaitUntilWoken(*this, Soon(), Phase::kGap);
      case 3: {
        const double bytes = static_cast<double>(Pick(400));
        const Nanos time = Station::TransferTime(*this, bytes);
        return station_.WaitUntil(*this, station_.clock().Now() + time,
                                  Phase::kTransfer);
      }
      default:
        return End(absl::StatusCode::kOk);
    }
  }
  void End(absl::StatusCode code) {
    whole_ = station_.clock().Now() - arrived_;
    station_.Leave(*this, code);
  }

  Station& station_;
  FakeDelayQueue& delays_;
  std::mt19937_64 random_;
  const DelaySampler own_delay_ = DelaySampler::Fixed(250);
  Nanos arrived_ = 0;
  Nanos whole_ = -1;
};

constexpr std::array<const char*, 5> kParts = {
    "delay { exponential { nanos: 300 } } load_factor: 0.1 ",
    "capacity: 7 queue_limit: 50 ",
    "bytes_per_second: 1e9 ",
    "faults { rate: 0.1 slow { nanos: 900 } } "
    "faults { rate: 0.05 hang: true } faults { rate: 0.05 drop: true } "
    "faults { rate: 0.1 status: 'INTERNAL' } ",
    "stall { every { nanos: 5000 } duration { nanos: 1500 } } ",
};

// The parts whose bit is set.
std::string Composed(std::uint64_t bits) {
  std::string text;
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    if ((bits >> i & 1) != 0) text += kParts.at(i);
  }
  return text;
}

class PhasesTest : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(PhasesTest, AddUpToTheWhole) {
  FakeClock clock;
  FakeDelayQueue delays(clock);
  Station station(clock, delays, Parse(Composed(GetParam())));
  std::mt19937_64 random(1);
  std::vector<std::unique_ptr<Wanderer>> visits;

  for (std::uint64_t i = 0; i < 5'000; ++i) {
    visits.push_back(std::make_unique<Wanderer>(station, delays, i));
    visits.back()->Start();
    delays.AdvanceTo(clock.Now() + static_cast<Nanos>(random() % 200),
                     static_cast<Nanos>(random() % 30));
    const std::uint64_t back = random() % 40;
    if (back < visits.size()) visits[visits.size() - 1 - back]->TakeOut();
  }
  for (const auto& visit : visits) visit->TakeOut();

  for (std::size_t i = 0; i < visits.size(); ++i) {
    ASSERT_TRUE(visits[i]->over());
    ASSERT_EQ(visits[i]->phases().Sum(), visits[i]->whole())
        << Composed(GetParam()) << visits[i]->phases().ToString();
  }
}

INSTANTIATE_TEST_SUITE_P(Behaviors, PhasesTest,
                         ::testing::Range<std::uint64_t>(0,
                                                         1U << kParts.size()),
                         ::testing::PrintToStringParamName());

// Goes on when it is told to.
class Stream final : public Visit {
 private:
  void Resume(const absl::Status& /*status*/) override {}
};

TEST(StreamPhasesTest, WhatGoesByBetweenTheWaitsIsAGap) {
  FakeClock clock;
  FakeDelayQueue delays(clock);
  Station station(clock, delays, {});
  Stream stream;

  station.Enter(stream, {.stream = true});
  clock.Advance(7);
  station.WaitUntil(stream, clock.Now() + 10, Phase::kTransfer);
  delays.Advance(10);
  clock.Advance(5);
  station.Leave(stream, absl::StatusCode::kOk);

  EXPECT_EQ(stream.phases().ToString(), "transfer=10,gap=12");
}

}  // namespace
}  // namespace perfrig::targets
